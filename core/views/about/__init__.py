"""What the page about shows."""
