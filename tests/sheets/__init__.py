"""Tests of the patch sheets."""
