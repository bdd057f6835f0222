"""What the studies of seams say: tables and sentences."""
