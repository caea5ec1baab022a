"""What the service knows of one person: shown to them whole, and taken apart when they leave."""
