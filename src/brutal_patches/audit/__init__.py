"""Who did what to whom, from where: append-only entries that join any transaction."""
