"""What the page of one's own data shows, decided."""
