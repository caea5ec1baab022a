"""The `brutal-patches` command: run the service, look after its tables, bring patches in and out."""
