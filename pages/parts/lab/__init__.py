"""The widgets of the page lab."""
