"""What `python -m tests.readme` writes is what stands in the README. Run: python -m pytest tests/test_readme.py"""

import pytest

from tests.readme import README, with_ending, with_table, written


def test_nothing_new_is_to_be_written():
    text = README.read_text()
    assert written(text) == text, "the saved runs say something else now; `python -m tests.readme` writes it"


def test_a_table_keeps_its_head_and_what_stands_around_it():
    text = "# One\n\n| a | b |\n|---|---:|\n| 1 | 2 |\n\nafter\n\n| a |\n|---|\n| 9 |\n"
    assert with_table(text, "# One", [["3", "4"], ["5", ""]]) == text.replace("| 1 | 2 |\n", "| 3 | 4 |\n| 5 |  |\n")


def test_a_paragraph_s_ending_is_replaced_and_its_lines_broken_anew():
    text = "before\n\nIt begins.\nSince then: old\nand older.\n\nafter\n"
    assert with_ending(text, "Since then:", "Since then: new.") == "before\n\nIt begins. Since then: new.\n\nafter\n"
    assert with_ending(text + text, "Since then:", "Now.", heading="after") == text + "before\n\nIt begins. Now.\n\nafter\n"
    with pytest.raises(ValueError):
        with_ending(text, "Never said:", "x")
