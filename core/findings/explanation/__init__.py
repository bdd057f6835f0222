"""What one run shows, what it does not, and how sure that is: one file a kind of finding."""
