"""What people see in a browser and pin to the wall: sheets of patches, their pages, the way to browse."""
