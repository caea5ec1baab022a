"""Who people are: registration, sessions, tokens, passwords, roles and standing."""
