"""Benchmarks. Each prints ratios against something that is measured in the same run."""
