"""The widgets of the page choosers."""
