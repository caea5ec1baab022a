"""Logs, metrics and traces: their SDKs are imported here and nowhere else."""
