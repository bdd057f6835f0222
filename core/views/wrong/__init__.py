"""What the page wrong shows."""
