"""The measured times of a training step, as the About page shows them. Run: python -m pytest tests/test_training_speed.py"""

import json

import pytest

from core.errors import LabError
from core.figures.curves import AXES, scaling
from core.views.about.training_speed import FOLDER, LOOPS, SIZES, saved_speed, speed_of_results


def test_every_row_and_point_is_a_figure_of_the_file():
    *results, sizes = (json.loads((FOLDER / name).read_text()) for name in (*LOOPS.values(), SIZES))
    found = saved_speed()
    rows = [row for result in results for cell in result["cells"] for row in cell["peers"]["rows"]]
    assert len(rows) > 15 and [row["ms a step"] for row in found.peers] == [round(1000 * row["seconds_per_step"]["median"]) for row in rows]
    assert [row["times ours"] for row in found.peers] == [round(row["times_ours"]["median"], 2) for row in rows]
    points = [(axis, point["value"], point["ms"]) for axis, some in found.axes.items() for point in some]
    assert points == [(row["axis"], row["value"], 1000 * row["seconds_per_step"]["median"]) for row in sizes["scaling"][0]["rows"]]
    assert found.axes.keys() == AXES.keys() and all(len(some) > 3 for some in found.axes.values())
    assert all(result["environment"]["device_name"] in found.where for result in results)


def test_a_figure_holds_its_points_and_starts_at_nothing():
    points = saved_speed().axes["k"]
    spec = scaling(points, "k").to_dict()
    assert spec["layer"][1]["encoding"]["y"]["scale"]["domain"] == [0, max(point["high"] for point in points)]
    assert "student layers" in spec["description"] and spec["data"]["values"] == list(points)


def test_no_file_is_nothing_and_a_broken_one_is_said(tmp_path):
    assert saved_speed(tmp_path) is None
    (tmp_path / SIZES).write_text("{}")
    for text in ("{", "[]", '{"environment": {}}'):
        for name in LOOPS.values():
            (tmp_path / name).write_text(text)
        with pytest.raises(LabError, match="make them again"):
            saved_speed(tmp_path)


def test_a_result_without_scaling_has_no_figures():
    assert speed_of_results([json.loads((FOLDER / name).read_text()) for name in LOOPS.values()], {"scaling": []}).axes == {}
