"""What players say of each other's patches: ratings, favourites, comments, reports."""
