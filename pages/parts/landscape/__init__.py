"""The widgets of the page landscape."""
