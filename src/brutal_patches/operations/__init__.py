"""A deployed stage and what operators do with it: the only room that calls AWS's control plane."""
