"""The widgets of the page compare."""
