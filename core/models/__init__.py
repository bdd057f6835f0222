"""Teachers and students: where weights come from, what families of encoder look like, and seeding."""
