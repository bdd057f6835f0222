"""What the pages of a class show."""
