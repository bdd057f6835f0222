"""The widgets of the page inside."""
