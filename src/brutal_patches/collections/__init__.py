"""Ordered sets of patches: a live set, a tour, everything with a whistle in it."""
