"""The settings of all choosers, in one place, so that they can be frozen before any figure of theirs is computed.

Where a paper or its authors' code gives a value, it is that value; where none does, it is a round number and marked as ours. None was
searched for on a run. `settings_hash` stands in every record of a pick (core/studies/choosers/picks.py).
"""

import hashlib
import json

from core.recipe import Recipe

TRAIN_EXAMPLES = 2000  # ours: the stratified part of train that a sample holds
# Validation is read through its check part of at most 600 examples (core.data.task), the part that short runs read too.

EXHAUSTIVE = 100  # ours: up to this many choices every one is evaluated; above it beam search removes one layer at a time
BEAM = 5  # ours: the sets kept at each size; 1 is greedy
LISTED = 5000  # ours: up to this many choices a score that needs no forward pass is computed for every one

GATE_STEPS = 200  # ours: "trained briefly"
GATE_BATCH = 32  # ours
GATE_RATE = 0.1  # ours: of the gates' locations and of the multipliers, under Adam
GATE_DROP = 0.5  # the share of gates shut at the start: the default of Louizos et al.'s and of later authors' code
GATE_BETA, GATE_GAMMA, GATE_ZETA = 2 / 3, -0.1, 1.1  # temperature and stretch: Louizos, Welling and Kingma 2018

HALVING_FIRST, HALVING_LAST = 60, 480  # steps of the first and of the last round: the ends of the ladder of short runs
HALVING_RATIO = 2  # half the arms go on with twice the steps: Jamieson and Talwalkar 2016
HALVING_ARMS = 32  # ours: more choices than these are drawn from, the presets always among them

LATENCY_BATCH, LATENCY_REPEATS = 32, 5  # ours: a forward pass over this many examples, the median of as many


def as_dict() -> dict[str, float]:
    """All of them by name, as they are kept with every result."""
    return {name.lower(): value for name, value in globals().items() if name.isupper()}


def settings_for(recipe: Recipe) -> dict:
    """What decides every chooser's pick besides teacher and task: the settings, and under `recipe` what short runs are made of."""
    left_out = ("teacher", "task", "layers", "budget")
    return as_dict() | {"recipe": {key: value for key, value in recipe.to_dict().items() if key not in left_out}}


def settings_hash(settings: dict) -> str:
    """16 hex digits of a record's settings: all of the above, and what short runs are made of. JSON's numbers: 2 and 2.0 are the same."""
    text = json.dumps(_numbers(settings), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _numbers(value):
    """As it comes back from a saved file, whose floats have six decimals."""
    if isinstance(value, dict):
        return {key: _numbers(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_numbers(item) for item in value]
    return round(float(value), 6) if isinstance(value, (int, float)) and not isinstance(value, bool) else value
