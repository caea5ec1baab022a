"""Tests of what happened lately."""
