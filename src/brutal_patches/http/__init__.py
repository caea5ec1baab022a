"""What every request meets before and after its feature: the edge, access, bodies, pages, problems."""
