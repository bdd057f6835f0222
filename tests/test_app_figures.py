"""The figures' data and texts; how they look and click is tested in a browser. Run: python -m pytest tests/test_app_figures.py"""

import json
import re

import altair as alt
import pytest

from core import figures
from core.figures import layer_diagram as diagrams
from core.figures.heat_maps import short
from core.figures.line_ends import ROOM, apart, end_labels
from core.figures.style import quoted


def all_rows(chart) -> list[dict]:
    found = []

    def walk(node):
        if isinstance(node, dict):
            if isinstance(node.get("values"), list) and all(isinstance(row, dict) for row in node["values"]):
                found.extend(node["values"])
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    walk(chart.to_dict())
    return found


def test_a_kept_specification_of_the_diagram_is_that_of_its_chart_and_is_not_shared():
    overlay = figures.Overlay("Score", {1: 0.5, 3: 0.25}, 0.0, 1.0)
    for options in ({}, {"clickable": False}, {"overlay": overlay}):
        with alt.theme.enable("none"):
            expected = figures.diagram(6, (1, 3), **options).to_dict()
        kept = figures.diagram_spec(6, (1, 3), **options)
        assert strip(kept) == strip(json.loads(json.dumps(expected)))
        kept.clear()
        assert figures.diagram_spec(6, (1, 3), **options)
    assert figures.diagram_spec(6, (1, 3)) != figures.diagram_spec(6, (1, 4))


def strip(spec):
    """Altair numbers the views of a chart as it makes them."""
    return re.sub(r"view_\d+", "view", json.dumps(spec, sort_keys=True))


@pytest.mark.parametrize("layers", [1, 2, 6, 12, 13, 24, 48])
def test_no_two_blocks_of_a_teacher_overlap(layers):
    blocks = [diagrams.block(layer, layers) for layer in range(1, layers + 1)]
    assert len({(b["x"], b["row"]) for b in blocks}) == layers
    assert max(b["row"] for b in blocks) == diagrams.rows(layers) == (layers if layers <= 12 else -(-layers // 2))
    for one in blocks:
        for other in blocks:
            if one["row"] == other["row"] and one["x"] < other["x"]:
                assert one["x2"] < other["x"]


def test_the_clickable_diagram_starts_from_the_choice():
    spec = figures.diagram(6, (1, 3, 5)).to_dict()
    [param] = [p for p in spec["params"] if p["name"] == figures.SELECTION]
    assert param["value"] == [{"layer": 1}, {"layer": 3}, {"layer": 5}] and param["select"]["toggle"] == "true" and param["select"]["clear"] is False


def test_without_a_choice_nothing_is_selected():
    [param] = [p for p in figures.diagram(6, ()).to_dict()["params"] if p["name"] == figures.SELECTION]
    assert "value" not in param


def test_a_written_order_is_drawn_as_written():
    chart = figures.diagram(6, (5, 3, 3), clickable=False)
    assert "params" not in chart.to_dict()
    places = {(row["place"], row["layer"]) for row in all_rows(chart) if "place" in row}
    assert places == {(1, 5), (2, 3), (3, 3)}


def test_the_diagram_in_words():
    assert "student layer 2 from teacher layer 1" in diagrams.describe(6, (4, 1)) and "none" in diagrams.describe(6, ())


def test_a_clickable_diagram_says_nothing_that_a_click_makes_untrue():
    """Streamlit draws a chart anew when its description changes; so that stays, and the marks follow the selection."""
    specs = [figures.diagram(6, chosen).to_dict() for chosen in ((1, 3), (2, 5, 6))]
    assert specs[0]["description"] == specs[1]["description"] and "1, 3" not in specs[0]["description"]
    said = [step["calculate"] for layer in specs[0]["layer"] for step in layer.get("transform", []) if step.get("as") == "said"]
    assert any(f"{figures.SELECTION}.layer" in text and "from teacher layers" in text for text in said)
    assert "[4, 1]" in json.dumps(figures.diagram(6, (4, 1), clickable=False).to_dict())


def test_text_is_large_and_follows_the_theme():
    """Block numbers are 18 px or more, all other text 16 or more, apart from the tick of a folded stack, which is a mark."""
    charts = [
        figures.diagram(6, (1,)), figures.diagram(12, (1,)), figures.loss_curve(("total",), 60, 2.0), figures.accuracy_curve(60),
        figures.confusion_map([[1, 0], [0, 1]], ["a", "b"]), figures.accuracy_bars([{"name": "a", "accuracy": 0.5, "n": 2}], 0.5),
        figures.norm_bars([{"part": "1", "norm": 0.1}]),
    ]
    for chart in charts:
        text = json.dumps(chart.to_dict())
        assert min(map(int, re.findall(r'"(?:labelFontSize|titleFontSize|fontSize)": (\d+)', text))) >= 16
        assert "currentColor" in text and '"black"' not in text


def test_curves_keep_their_axes_and_bring_no_data():
    loss = figures.loss_curve(("total", "cross-entropy"), 240, 3.0).to_dict()
    lines, names = loss["layer"]
    assert [one["encoding"]["x"]["scale"]["domain"] for one in (lines, names)] == [[0, 240]] * 2
    assert f"width - {ROOM}" in lines["encoding"]["x"]["scale"]["range"][1]["expr"]  # behind the last step stand the names
    assert lines["encoding"]["y"]["scale"]["domain"] == [0, 3.0] and names["encoding"]["y"]["scale"]["domain"] == [0, 3.0]
    assert loss["data"] == {"name": "rows"} and "datasets" not in loss
    assert "legend" not in json.dumps({**loss, "config": None}).replace('"legend": null', "")
    assert figures.accuracy_curve(240).to_dict()["layer"][0]["encoding"]["y"]["scale"]["domain"] == [0.0, 1]


def test_names_at_line_ends_are_apart_and_stay_on_the_axis():
    assert apart([0.5, 0.9], 0.1) == [0.5, 0.9]
    found = apart([0.97, 0.98, 0.2, 0.96], 0.1)
    assert sorted(found)[1:] == pytest.approx([0.8, 0.9, 1.0]) and found[1] > found[0] > found[3] and found[2] == 0.2
    rows = [{"line": "a", "step": 0, "value": 0.2}, {"line": "a", "step": 60, "value": 0.5}, {"line": "b", "step": 60, "value": None}]
    assert end_labels(rows, "line", {"a": "A 50 %", "b": "B"}, 1.0, 100) == [{"line": "a", "step": 60, "end": 0.5, "name": "A 50 %"}]


def test_strips_by_kind_of_example_keep_their_axis_and_bring_no_data():
    strip = figures.group_strip(["negation", "passive"], 240).to_dict()
    cells, numbers = strip["layer"]
    assert strip["data"] == {"name": "rows"} and cells["encoding"]["x"]["scale"]["domain"][0] == 0
    assert cells["encoding"]["y"]["scale"]["domain"] == ["negation", "passive"] and numbers["encoding"]["text"]["field"] == "latest"


def test_a_confusion_cell_is_a_share_of_its_row():
    cells = [row for row in all_rows(figures.confusion_map([[3, 1], [0, 0]], ["a", "b"])) if "share" in row]
    assert [(c["true"], c["called"], c["n"], c["share"]) for c in cells] == [(0, 0, 3, 0.75), (0, 1, 1, 0.25), (1, 0, 0, 0.0), (1, 1, 0, 0.0)]


def test_class_names_cannot_leave_their_string():
    assert quoted(short("a'b\\c\nd")) == "'a\\'b\\\\c d'"
    assert short("x" * 30) == "x" * 21 + "…" and short("neutral") == "neutral"


def test_norms_are_drawn_with_the_output_on_top():
    rows = [row for row in all_rows(figures.norm_bars([{"part": "embeddings", "norm": 0.1}, {"part": "head", "norm": 0.0}])) if "part" in row]
    assert [row["part"] for row in rows] == ["head", "embeddings"]


# Overlays, the band, the comparison


def test_an_overlays_bars_fill_from_low_to_high():
    overlay = figures.Overlay("score", {1: 0.5, 2: 1.0, 3: 2.0}, 0.5, 1.5)
    assert [overlay.share(layer) for layer in (1, 2, 3, 4)] == [0.0, 0.5, 1.0, None]
    assert figures.Overlay("score", {1: 0.0}, 0.0, 0.0).share(1) == 0.0


def test_a_diagram_with_an_overlay_has_a_bar_and_a_number_a_scored_layer():
    overlay = figures.Overlay("score", {2: 0.25, 5: 0.75}, 0.0, 1.0, ".1%")
    chart = figures.diagram(6, (2,), overlay=overlay)
    assert [(row["layer"], row["score"], row["share"]) for row in all_rows(chart) if "score" in row] == [(2, 0.25, 0.25), (5, 0.75, 0.75)] * 2
    assert "score: layer 2 0.25, layer 5 0.75." in chart.to_dict()["description"]
    assert [row for row in all_rows(figures.diagram(6, (2,))) if "score" in row] == []


def test_a_folded_stack_has_room_for_the_bars_alone():
    overlay = figures.Overlay("score", {layer: 0.5 for layer in range(1, 25)}, 0.0, 1.0)
    assert len([row for row in all_rows(figures.diagram(24, (), overlay=overlay)) if "score" in row]) == 24
    assert min(map(int, re.findall(r'"fontSize": (\d+)', json.dumps(figures.diagram(12, (), overlay=overlay).to_dict())))) >= 16


def test_the_band_is_a_layer_of_its_own_and_only_where_it_is_named():
    plain, banded = figures.accuracy_curve(60).to_dict(), figures.accuracy_curve(60, band="saved, 2 seeds", title="Accuracy, validation").to_dict()
    assert len(banded["layer"]) == len(plain["layer"]) + 1 and banded["title"] == "Accuracy, validation"
    assert banded["layer"][0]["mark"]["type"] == "area"
    assert all("data" not in layer for layer in banded["layer"]) and banded["data"] == {"name": "rows"}
    assert banded["layer"][0]["encoding"]["y"]["scale"] == plain["layer"][0]["encoding"]["y"]["scale"]


def test_a_comparison_keeps_its_order_and_draws_no_layer_that_is_empty():
    rows = [{"name": "teacher", "accuracy": 0.9, "low": 0.8, "high": 0.95, "loss": 0.3, "kind": "teacher"},
            {"name": "always one class", "accuracy": 0.5, "low": None, "high": None, "loss": None, "kind": "level"}]
    spec = figures.comparison(rows).to_dict()
    assert [row["name"] for row in all_rows(figures.comparison(rows)) if "name" in row][:2] == ["teacher", "always one class"]
    assert all(layer["encoding"]["y"]["sort"] is None for layer in spec["layer"])
    bare = figures.accuracy_bars([{"name": "a", "accuracy": 0.5, "n": 2}], 0.5).to_dict()
    marked = figures.accuracy_bars([{"name": "a", "accuracy": 0.5, "n": 2, "teacher": 0.6}], 0.5).to_dict()
    assert len(marked["layer"]) == len(bare["layer"]) + 1


# The chain


SEAMS = [{"id": "1-4", "below": 1, "above": 4, "cost": 0.27}, {"id": "5-7", "below": 5, "above": 7, "cost": None}]


def test_a_seams_band_is_as_thick_as_its_cost_and_carries_the_number():
    rows = [row for row in all_rows(figures.chain(6, (1, 4, 5), SEAMS, "1-4")) if row.get("id")]
    by_id = {row["id"]: row for row in rows}
    thick = lambda row: row["y2"] - row["y"]
    assert by_id["1-4"]["cost"] == "27.0" and by_id["1-4"]["words"] == "2 layers" and by_id["1-4"]["picked"]
    assert by_id["5-7"]["cost"] == "?" and by_id["5-7"]["words"] == "1 layer" and thick(by_id["1-4"]) > thick(by_id["5-7"]) > 0
    costs = (0.0, 0.1, 0.4, 0.9)
    bands = [{"id": str(n), "below": 0, "above": 2, "cost": cost} for n, cost in enumerate(costs)]
    widths = [thick(row) for row in all_rows(figures.chain(6, (2, 3, 4, 5, 6), bands)) if row.get("id")][: len(costs)]
    assert widths == sorted(widths) and len(set(widths)) == len(widths)


def test_the_chain_in_words_and_without_seams():
    told = figures.chain(6, (1, 4, 5), SEAMS).to_dict()["description"]
    assert "from layer 1 to layer 4: 2 layers missing, 27.0 points" in told and "from layer 5 to the head: 1 layer missing, cost unknown" in told
    whole = figures.chain(6, range(1, 7), [])
    assert whole.to_dict()["description"].endswith("Seams: none.") and "params" not in whole.to_dict()


@pytest.mark.parametrize("layers", [4, 6, 12, 24])
def test_the_chains_text_is_large_and_follows_the_theme(layers):
    chosen = (1, layers)
    text = json.dumps(figures.chain(layers, chosen, [{"id": "a", "below": 1, "above": layers, "cost": 0.1}]).to_dict())
    assert min(map(int, re.findall(r'"fontSize": (\d+)', text))) >= 16 and "currentColor" in text
