"""Deciding on what was reported."""
