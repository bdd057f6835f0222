"""What the page lab shows."""
