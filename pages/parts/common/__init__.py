"""Widgets and session state of several pages."""
