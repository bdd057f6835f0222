"""The benchmark: our loop against what a user would run instead, what each part of its speed is worth, and how near the machine's limit it is."""
