"""What the page choosers shows."""
