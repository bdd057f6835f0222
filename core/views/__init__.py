"""What each page shows, decided: plain data in, plain data out."""
