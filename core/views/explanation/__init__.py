"""The explanation of a run, ready to be drawn."""
