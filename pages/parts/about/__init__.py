"""The widgets of the page about."""
