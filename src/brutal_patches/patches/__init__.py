"""Patches: the panel as data, what a patch is, and everything that its author can do with it."""
