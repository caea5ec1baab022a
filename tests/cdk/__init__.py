"""Production, as far as it can be proven without deploying it."""
