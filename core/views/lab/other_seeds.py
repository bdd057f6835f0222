"""The band behind a live curve: saved runs that differ from it in nothing but the seed, so of the same rung."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class SeedBand:
    """name: of its line in the legend. rows: {"step", "low", "high", "line"}, accuracies between which the saved runs lie."""

    name: str
    rows: tuple[dict, ...]


def seed_band(recipe: dict, weights: str | None, records: Iterable[dict]) -> SeedBand | None:
    """None when nothing was saved of this recipe. weights: the teacher's hash; curves of another teacher are not comparable."""
    others = [r for r in records if _but_seed(r["recipe"]) == _but_seed(recipe) and r["teacher"]["hash"] == weights]
    curves = [{p["step"]: p["val_accuracy"] for p in r["curve"] if p.get("val_accuracy") is not None} for r in others]
    steps = sorted(set.intersection(*map(set, curves))) if curves else []
    if len(steps) < 2:
        return None
    name = f"saved, {len(others)} seeds" if len(others) > 1 else f"saved, seed {others[0]['recipe']['seed']}"
    values = {step: [curve[step] for curve in curves] for step in steps}
    return SeedBand(name, tuple({"step": step, "low": min(found), "high": max(found), "line": name} for step, found in values.items()))


def _but_seed(recipe: dict) -> dict:
    return {key: value for key, value in recipe.items() if key != "seed"}
