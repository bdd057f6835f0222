"""The command line's verbs, one file each: `add` declares the options besides --json, `run` does the work and returns nothing."""
