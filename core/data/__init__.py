"""Tasks: the built-in one, files, hub data sets; tokenised and batched."""
