"""The widgets of the page of one's own data."""
