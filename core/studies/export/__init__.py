"""Taking a kept student away: a folder that plain transformers loads, its card, and the same choice as a script."""
