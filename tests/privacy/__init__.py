"""Tests of what one person gets of their own data."""
