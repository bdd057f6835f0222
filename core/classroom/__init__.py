"""The class: lessons as files, a class and its answers, and what the instructor takes away. Torch-free."""
