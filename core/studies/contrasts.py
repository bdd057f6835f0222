"""Do stages and adaptive attention beat one stage? The study as data: its arms, its comparisons, the commands that make it.

Everything is MiniLM-L6 to 3 layers on composed-nli, seeds 0, 1 and 2, and goes through `python -m core stages`, which counts the training
FLOPs of all stages. The reference is one stage of `hinton`. Each arm is compared with it twice:
- steps: at as many steps, from the layers that the arm ended on;
- flops: with as many steps as the arm's training FLOPs buy, from the same layers.
The reference's last layer reads one token where no loss needs more, so a step of it is cheaper than one with attention losses, and at equal FLOPs
it makes more steps. An adaptive emphasis is also compared with the fixed weights at the scale that validation prefers (best-fixed).

Named beforehand: progressive shrinking against one stage at equal training FLOPs (NAMED). It is tested by itself; Holm over all others.
The layers 1,3,5 (odd) of the arms that do not choose their own are named beforehand as well, not by any result.
"""

from collections.abc import Iterable
from dataclasses import dataclass

LAYERS = (1, 3, 5)
SEEDS = (0, 1, 2)
EPOCHS = 3
SCALES = (0.3, 1.0, 3.0)  # weights of the attention maps, of which 1 is the bundle's
EMPHASES = ("uncertainty", "gradient-norm", "relevance")
REFERENCE = "one-stage"
NAMED = ("shrinking", "flops")
FILE = "core/saved_runs/minilm-l6--composed-nli--contrasts.jsonl"
RUN_MINUTES = 2.2  # of a full run of the reference on one core: `minutes` of minilm-l6--composed-nli--k3.jsonl in core/saved_runs/index.json


@dataclass(frozen=True)
class Arm:
    """options: of `python -m core stages`. cost: training FLOPs in those of the reference at equal steps, about; the records have it exactly."""

    name: str
    title: str
    options: str
    cost: float


def _attention(scale: float) -> str:
    return f"--method one-stage --layers 1,3,5 --objective attention --weight attention_kl={scale:g}"


ARMS = {arm.name: arm for arm in (
    Arm(REFERENCE, "one stage, hinton", "--method one-stage --layers 1,3,5", 1.0),
    Arm("shrinking", "progressive shrinking", "--method shrinking --preset first-k --k 3", 1.45),
    Arm("theseus", "module replacing", "--method theseus --layers 1,3,5", 1.3),
    Arm("two-stage", "hidden states, then logits", "--method two-stage --layers 1,3,5", 1.2),
    *(Arm(f"fixed-{scale:g}", f"attention, fixed weights, scale {scale:g}", _attention(scale), 1.4) for scale in SCALES),
    *(Arm(name, f"attention, {name}", f"{_attention(1)} --emphasis {name}", 1.5) for name in EMPHASES),
)}


@dataclass(frozen=True)
class Command:
    """text: to be run as it stands. minutes: on one core, about."""

    text: str
    minutes: float


@dataclass(frozen=True)
class Contrast:
    """An arm's runs and the reference's, seed by seed. kind: steps, flops or best-fixed."""

    arm: str
    kind: str
    runs: tuple[dict, ...]
    against: tuple[dict, ...]

    @property
    def named(self) -> bool:
        return (self.arm, self.kind) == NAMED


def command(options: str, seed: int, length: str = f"--epochs {EPOCHS}", cost: float = 1.0) -> Command:
    """Return the command of one run; cost: in full runs of the reference."""
    return Command(f"python -m core stages {options} --seed {seed} --learning-rate 2e-4 {length} --out {FILE}", RUN_MINUTES * cost)


def arm_of(record: dict) -> str | None:
    """Return the arm of a staged run of the full budget; None for others, such as references of another length or from other layers."""
    staged, recipe = record["staged"], record["recipe"]
    if recipe["budget"]["epochs"] != EPOCHS:
        return None
    objective = recipe["objective"]
    if staged["method"] != REFERENCE:
        return staged["method"]
    if tuple(recipe["layers"]) != LAYERS:
        return None
    if objective["name"] == "hinton":
        return REFERENCE
    if objective["name"] == "attention":
        emphasis = objective.get("emphasis", "fixed")
        return emphasis if emphasis != "fixed" else f"fixed-{objective['weights']['attention_kl']:g}"
    return None


def by_arm(records: Iterable[dict]) -> dict[str, dict[int, dict]]:
    """Return the finished runs by arm and seed."""
    found: dict[str, dict[int, dict]] = {}
    for record in records:
        if "staged" in record and record["status"] == "finished" and (arm := arm_of(record)) in ARMS:
            found.setdefault(arm, {})[record["recipe"]["seed"]] = record
    return found


def reference_steps(arm: dict, reference: dict) -> int:
    """Return how many steps of the reference take the arm's training FLOPs."""
    return round(arm["training_flops"] / (reference["training_flops"] / reference["steps"]))


def references(records: Iterable[dict]) -> dict[tuple, dict]:
    """Return the one-stage hinton runs by (layers, steps, seed)."""
    return {
        (tuple(record["recipe"]["layers"]), record["steps"], record["recipe"]["seed"]): record
        for record in records
        if record.get("staged", {}).get("method") == REFERENCE and record["recipe"]["objective"]["name"] == "hinton"
        and record["status"] == "finished" and record["split"] == "test"
    }


def wanted(kind: str, arm: dict, reference: dict) -> tuple:
    """Return the (layers, steps, seed) of the reference that a run is compared with."""
    steps = reference["steps"] if kind == "steps" else reference_steps(arm, reference)
    return tuple(arm["recipe"]["layers"]), steps, arm["recipe"]["seed"]


def missing(records: list[dict]) -> list[Command]:
    """Return the commands that are still to be run, in this order. Those of references at equal FLOPs come once the
    arms are there, since only then are their steps known."""
    arms, there = by_arm(records), references(records)
    found = [command(arm.options, seed, cost=arm.cost) for seed in SEEDS for arm in ARMS.values() if seed not in arms.get(arm.name, {})]
    later = {}
    for name, runs in arms.items():
        for seed, run in runs.items():
            if name == REFERENCE or seed not in arms.get(REFERENCE, {}):
                continue
            for kind in ("steps", "flops"):
                reference = arms[REFERENCE][seed]
                layers, steps, _ = key = wanted(kind, run, reference)
                if key not in there:
                    full = steps == reference["steps"]
                    options = f"--method one-stage --layers {','.join(map(str, layers))}"
                    length = f"--epochs {EPOCHS}" if full else f"--steps {steps} --test"
                    later[key] = command(options, seed, length, steps / reference["steps"])
    return found + [later[key] for key in sorted(later, key=lambda key: (key[2], key))]


def contrasts(records: list[dict]) -> list[Contrast]:
    """Return every comparison that the runs allow, over the seeds that both sides have; the named one first."""
    arms, there = by_arm(records), references(records)
    base, found = arms.get(REFERENCE, {}), []
    for name in ARMS:
        if name == REFERENCE:
            continue
        for kind in ("steps", "flops"):
            pairs = [(run, there[key]) for seed, run in sorted(arms.get(name, {}).items())
                     if seed in base and (key := wanted(kind, run, base[seed])) in there]
            found += _contrast(name, kind, pairs)
    best = best_fixed(arms)
    for name in EMPHASES if best else ():
        pairs = [(run, arms[best][seed]) for seed, run in sorted(arms.get(name, {}).items()) if seed in arms[best]]
        found += _contrast(name, "best-fixed", pairs)
    return sorted(found, key=lambda one: not one.named)


def _contrast(name: str, kind: str, pairs: list[tuple[dict, dict]]) -> list[Contrast]:
    return [Contrast(name, kind, *(tuple(side) for side in zip(*pairs)))] if pairs else []


def best_fixed(arms: dict[str, dict[int, dict]]) -> str | None:
    """Return the arm of fixed weights with the highest mean accuracy on the check part of validation; None while a scale has no run."""
    names = [f"fixed-{scale:g}" for scale in SCALES]
    if any(name not in arms for name in names):
        return None
    mean = lambda name: sum(run["check"]["final"]["accuracy"] for run in arms[name].values()) / len(arms[name])
    return max(names, key=mean)
