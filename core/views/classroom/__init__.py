"""What the pages of the class show, decided: lessons, homework, and what the instructor takes away."""
