"""The widgets of a race."""
