"""Mistakes that people make when they distil, each a named override of a correct run. `catalogue` is torch-free."""
