"""The curves of a race."""
