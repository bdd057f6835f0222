"""How often verdicts are false, and how often they see what is there: in drawn worlds, through the functions that the pages use."""
