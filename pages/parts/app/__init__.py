"""The widgets of app.py's frame."""
