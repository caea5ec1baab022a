"""Users as admins see them, and what is decided about them."""
