"""The function that rotates the key tokens are signed with."""
