"""The widgets of the page wrong."""
