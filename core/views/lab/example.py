"""The finished run that an empty page opens on: of another number of layers than the learner's, so that nothing is given away."""

from collections.abc import Iterable

from core.recipe import RUNGS, preset_of
from core.views.common.choice import Choice


def example(chosen: Choice, records: Iterable[dict]) -> dict | None:
    """The saved run that lies nearest: of this teacher and task where there is one, full as on the ladder, a preset; None when all have this K."""
    k = len(chosen.layers)

    def distance(record: dict) -> tuple:
        recipe = record["recipe"]
        return (
            recipe["teacher"] != chosen.teacher, recipe["task"] != chosen.task, not recipe["budget"]["epochs"],
            recipe["budget"]["epochs"] != RUNGS["full"].epochs,
            preset_of(recipe["layers"], record["teacher"]["layers"]) is None, abs(len(recipe["layers"]) - k), recipe["layers"], recipe["seed"],
            record["id"],
        )

    others = (r for r in records if len(r["recipe"]["layers"]) != k and not r["recipe"]["seeding"]["untrained_layers"])
    return min(others, key=distance, default=None)
