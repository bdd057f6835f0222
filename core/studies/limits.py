"""How much may be asked at once, for pages too. Torch-free."""

LONGEST = 2000  # characters of a text that a page takes
MOST_STUDENTS = 4  # tried at once
