"""The command line's verbs, one file each: `add` declares the options, `run` does the work and returns nothing."""
