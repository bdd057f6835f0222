"""Noise, tests, intervals, rankings and effects: arithmetic on plain numbers."""
