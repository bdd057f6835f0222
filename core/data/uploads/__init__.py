"""Tables and models from a browser: limits, where they are kept, and what an uploaded table holds."""
