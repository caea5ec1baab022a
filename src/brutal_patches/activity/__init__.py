"""What happened lately: what one user did, and feeds that readers subscribe to."""
