"""Sentences about runs, each with the figures it rests on: what a run shows, what it does not, and how sure that is."""
