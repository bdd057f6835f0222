"""How often the product's verdicts, bounds and intervals are right in worlds whose truth is known."""
