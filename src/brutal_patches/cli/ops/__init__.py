"""`brutal-patches ops`: what operators do to a deployed stage."""
