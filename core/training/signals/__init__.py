"""What a teacher says about examples: the request, computing it, and what is kept of it."""
