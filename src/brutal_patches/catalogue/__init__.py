"""The read model in memory: every public read is answered from here, fed by the change feed."""
