"""What keepers of the house do: over HTTP for admins and moderators."""
