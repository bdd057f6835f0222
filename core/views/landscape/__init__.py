"""What the page landscape shows."""
