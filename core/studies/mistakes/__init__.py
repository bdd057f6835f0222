"""Mistakes that people make when they distil, as named variations of a correct run. `catalogue` is torch-free."""
