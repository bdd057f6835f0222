"""A look inside a teacher: how alike its layers are, what each knows, and how a prediction forms. Kept by teacher and task."""
