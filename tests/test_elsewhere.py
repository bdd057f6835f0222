"""Figures from elsewhere keep their sources. Run: python -m pytest tests/test_elsewhere.py"""

import pytest

from core.studies.published import CHANGE, published
from core.views.landscape import published as elsewhere


def test_every_published_figure_has_its_source_and_unit():
    rows = published()
    assert len(rows) == 39 and all(row.source and row.dataset and row.metric for row in rows)
    changes, mnli = ([row for row in rows if test(row)] for test in (lambda row: row.metric == CHANGE, lambda row: row.dataset.startswith("MNLI")))
    assert all(row.metric == "accuracy" and 40 < row.value < 100 for row in mnli) and all(-5 < row.value < 0 for row in changes)
    assert [len(elsewhere.published_rows(change)) for change in (True, False)] == [len(changes), len(mnli)] == [3, 19]
    assert len(elsewhere.published_table()) == len(rows)


def test_names_are_the_authors_and_what_the_student_started_from():
    rows = elsewhere.published_rows(False)
    assert rows[0] == {"name": "Sanh et al. 2019: DistilBERT (6 layers), one layer of two from BERT-base", "value": 82.2, "teacher": False,
                       "source": "Sanh et al. 2019 DistilBERT, Table 1"}
    assert len({row["name"] for row in rows}) == len(rows)
    assert [row["value"] for row in rows if row["teacher"]] == [83.5]


def test_the_tables_of_the_assignment_and_of_the_notebooks():
    rows = elsewhere.notebook_rows()
    assert len(rows) == 40 and {row["strategy"] for row in rows} == {"top", "bottom", "odd", "even"}
    by = {(row["notebook"], row["strategy"]): row for row in rows}
    assert by["The assignment's table", "top"]["accuracy"] == 0.56 and by["Notebook A", "odd"]["accuracy"] == pytest.approx(0.572)
    assert by["The assignment's table", "even"]["told"] == "3, 5, 7, 9, 11, 1"


def test_only_two_tables_compare_four_trained_choices():
    """By the facts: in B all four mappings are right, in A one is shifted but still another choice; all others trained one student or one choice."""
    assert elsewhere.four_choices() == ["Notebook A", "Notebook B"]
    assert sum("Four choices, each trained." in line for line in elsewhere.notebook_sources()) == 2
