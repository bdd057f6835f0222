"""The landscape's figures: few marks, one colour a choice, readable text. Run: python -m pytest tests/test_landscape_figures.py"""

import itertools
import json
import re

import pytest

from core import figures
from core.figures.choice_colour import choice_colour, place, spread
from core.figures.heat_maps import most_group_rows
from core.figures.layer_rows import most_rows, tell, ticks
from core.figures.style import LINE, MOST_MARKS
from core.views.landscape import published as elsewhere
from tests.test_app_figures import all_rows

PAGES = ("#fbfcfd", "#10151b")  # .streamlit/config.toml: background, light and dark
ON_CHOICE = ("#ffffff", "#08121f")  # ON_BLUE


def row(choice=(1, 3, 5), layers=6, mean=0.8, **more):
    base = {"id": ",".join(map(str, choice)), "name": f"layers {choice}", "layers": list(choice), "colour": choice_colour(choice, layers),
            "mean": mean, "low": 0.79, "high": 0.81, "seeds": [0.79, 0.8, 0.81], "own": [], "note": ""}
    return base | more


def contrast(a: str, b: str) -> float:
    """WCAG 2.2's ratio of two hex colours."""

    def luminance(colour):
        channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        return sum(w * (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4) for w, c in zip((0.2126, 0.7152, 0.0722), channels))

    dark, bright = sorted((luminance(a), luminance(b)))
    return (bright + 0.05) / (dark + 0.05)


def both(colour: str) -> list[str]:
    """The light theme's and the dark theme's."""
    return re.findall("#[0-9a-f]{6}", colour)


@pytest.mark.parametrize("layers", [2, 4, 6, 12])
def test_colours_stand_out_and_so_does_the_number_on_them(layers):
    for k in range(1, layers + 1):
        for choice in itertools.combinations(range(1, layers + 1), k):
            for shown, behind, text in zip(both(choice_colour(choice, layers)), PAGES, ON_CHOICE, strict=True):
                assert contrast(shown, behind) >= 4.5 and contrast(shown, text) >= 4.5


def test_every_choice_of_three_of_six_has_a_colour_of_its_own_that_does_not_hang_on_the_order():
    colours = {choice_colour(choice, 6) for choice in itertools.combinations(range(1, 7), 3)}
    assert len(colours) == 20 and choice_colour((5, 1, 3), 6) == choice_colour((1, 3, 5), 6)
    assert choice_colour((), 6) == LINE


def test_hue_follows_depth_and_lightness_the_distance():
    assert (place((1, 2, 3), 6), place((4, 5, 6), 6), place((1, 3, 5), 6)) == (0, 1, pytest.approx(1 / 3))
    assert spread((2, 3, 4), 6) == 0 and spread((1, 5, 6), 6) == 1 and 0 < spread((1, 3, 5), 6) < 1
    assert place((1, 2, 3, 4), 4) == 0.5 and spread((3,), 4) == 0.5


@pytest.mark.parametrize("layers, k", [(6, 3), (6, 2), (12, 6), (24, 12)])
def test_the_fullest_chart_stays_below_the_marks_that_a_screen_reader_sees(layers, k):
    choices = list(itertools.islice(itertools.combinations(range(1, layers + 1), k), most_rows(layers, 3, 1)))
    rows = [row(choice, layers, own=[0.7]) for choice in choices]
    spec = figures.choice_rows(rows, layers, {"teacher": 0.9, "one class": 0.4}).to_dict()
    marks = sum(len(layer["data"]["values"]) for layer in spec["layer"])
    assert marks <= 2000 and (len(choices) < 20 or marks > 300) and most_rows(6, 3) >= 63  # room for all choices of six layers


def test_the_fullest_heat_map_stays_below_them_too():
    rows = most_group_rows(15)
    assert rows >= 22
    cells = [{"row": str(i), "group": str(j), "accuracy": 0.5 + j / 100} for i in range(rows + 1) for j in range(15)]
    spec = figures.group_map([str(i) for i in range(rows + 1)], [str(j) for j in range(15)], cells).to_dict()
    assert 2 * len(cells) + rows + 1 + 15 <= MOST_MARKS + 100 and len(spec["layer"]) == 2


def test_a_row_says_all_in_words_and_a_click_gives_its_layers():
    words = tell(row(own=[0.75], note="can be the best"))
    assert "80.0 % (95 % interval 79.0 to 81.0 %), 3 seeds; your own: 75.0 %; can be the best" in words
    assert "not among the saved runs" in tell(row(mean=None, low=None, high=None, seeds=[], own=[0.7]))
    spec = figures.choice_rows([row(), row((), mean=0.5, low=None, high=None, seeds=[0.5])], 6, {"teacher": 0.9}).to_dict()
    [pick] = [param for param in spec["params"] if param["name"] == figures.CLICK]
    assert pick["select"]["fields"] == ["id"]
    assert [r["id"] for r in all_rows(figures.choice_rows([row(), row((1, 2, 4))], 6, {})) if "told" in r] == ["1,3,5", "1,2,4"]


def test_cells_are_the_choice():
    cells = [r for r in all_rows(figures.choice_rows([row()], 6, {})) if "chosen" in r and "y2" in r]
    numbers = {r["layer"] for r in cells if r["chosen"]}
    assert numbers == {1, 3, 5} and {r["layer"] for r in cells} == set(range(1, 7))


@pytest.mark.parametrize("low, high", [(0.31, 0.87), (0.5, 0.5), (0.801, 0.803), (0.0, 1.0), (0.55, 0.9)])
def test_ticks_are_round_few_and_hold_the_values(low, high):
    marks = ticks(low, high)
    assert marks[0] <= low and marks[-1] >= high and 2 <= len(marks) <= 8
    assert len({round(b - a, 6) for a, b in itertools.pairwise(marks)}) == 1


def test_text_is_large_and_follows_the_theme():
    tau = {"name": "a", "tau": 0.5, "low": 0.4, "high": 0.6, "ceiling": 0.9, "ceiling_low": 0.8, "ceiling_high": 0.95, "trivial": None}
    point = {"name": "a", "before": 0.3, "after": 0.8, "colour": LINE, "label": "odd"}
    size = {"name": "a", "accuracy": 0.5, "parameters": 12.0, "colour": LINE, "label": "", "front": True}
    charts = [
        figures.choice_rows([row()], 6, {"teacher": 0.9}), figures.effect_chart([0.1, -0.1], [0.0, -0.2], [0.2, 0.0]),
        figures.effect_chart([-0.1], [-0.2], [0.0], pairs=True), figures.before_after([point], 0.9),
        figures.sizes([size], "parameters", "parameters", ".1f"), figures.tau_chart([tau]),
        figures.group_map(["a"], ["b"], [{"row": "a", "group": "b", "accuracy": 0.5}]),
        figures.rank_lines([{"id": "1", "column": "x", "rank": 1, "colour": LINE}], ["x", "y"], 1),
        figures.notebooks(elsewhere.notebook_rows()), figures.published(elsewhere.published_rows(False), "%"),
    ]
    for chart in charts:
        text = json.dumps(chart.to_dict())
        assert min(map(int, re.findall(r'"(?:labelFontSize|titleFontSize|fontSize)": (\d+)', text))) >= 16
        assert "currentColor" in text and '"black"' not in text and '"description"' in text


def test_names_cannot_leave_their_string():
    spec = figures.rank_lines([{"id": "1", "column": "x'; y", "rank": 1, "colour": LINE}], ["x'; y"], 1).to_dict()
    assert r"datum.column == 'x\'; y'" in json.dumps(spec).replace("\\\\", "\\")
