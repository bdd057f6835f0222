"""What can be asked for among the saved runs: teachers with tasks, objectives, trainings and sizes, and what each is called."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.findings.landscape import Landscape, fullest
from core.recipe import BUNDLES, Budget, Labels, Optimiser, bundle
from core.views.common.text import budget_text, layers_text, objective_title


def pairs(found: Iterable[Landscape]) -> list[tuple[str, str]]:
    """Teachers and tasks with saved runs, those of most runs first."""
    runs: dict[tuple[str, str], int] = {}
    for one in found:
        runs[one.pair] = runs.get(one.pair, 0) + sum(map(len, one.runs.values()))
    return sorted(runs, key=lambda pair: (-runs[pair], pair))


def objective_text(settings: dict) -> str:
    """'Hinton: soft targets and labels', with what differs from the bundle of that name."""
    objective = settings["objective"]
    usual = bundle(objective["name"]).to_dict() if objective["name"] in BUNDLES else {}
    changed = [f"{name.replace('_', ' ')} {layers_text(value) if isinstance(value, list) else value}"
               for name, value in objective.items() if name in ("temperature", "match", "hidden_layers") and value != usual.get(name, value)]
    return ", ".join([objective_title(objective["name"]), *changed])


def training_text(settings: dict) -> str:
    """'3 epochs', '240 steps · learning rate 5e-05 · fresh head': the budget, and whatever is not as usual."""
    budget = Budget(**settings["budget"])
    parts = [budget_text(settings["budget"]) + (" (full)" if budget.rung == "full" else "")]
    if budget.examples:
        parts.append(f"{budget.examples} examples")
    parts += filter(None, [Labels(**settings.get("labels", {})).text])
    usual = Optimiser()
    parts += [f"{name.replace('_', ' ')} {f'{value:g}' if isinstance(value, float) else value}"
              for name, value in settings["optimiser"].items() if value != getattr(usual, name)]
    parts += ["fresh head"] * settings["seeding"]["fresh_head"] + ["fresh embeddings"] * (not settings["seeding"]["copy_embeddings"])
    return " · ".join(parts)


@dataclass(frozen=True)
class Options:
    """What can be asked for among the runs of a teacher and task, and what is shown: one landscape, the rest following from it."""

    objectives: list[str]
    trainings: list[str]
    sizes: list[int]
    shown: Landscape


def options_among(found: Sequence[Landscape], objective: str | None, training: str | None, k: int | None) -> Options:
    """found: of one teacher and task, at least one. What is asked for and not there gives way to the fullest that is."""
    order = sorted(found, key=lambda one: (list(BUNDLES).index(name) if (name := one.settings["objective"]["name"]) in BUNDLES else 99, _length(one)))
    text = lambda one: (objective_text(one.settings), training_text(one.settings))
    names = list(dict.fromkeys(text(one)[0] for one in order))
    best = fullest(found)
    objective = objective if objective in names else text(best)[0]
    with_objective = [one for one in order if text(one)[0] == objective]
    trainings = list(dict.fromkeys(text(one)[1] for one in with_objective))
    training = training if training in trainings else text(fullest(with_objective))[1]
    left = [one for one in with_objective if text(one)[1] == training]
    sizes = sorted({one.k for one in left})
    shown = next((one for one in left if one.k == k), None) or fullest(left)
    return Options(names, trainings, sizes, shown)


def _length(one: Landscape) -> tuple:
    budget = one.settings["budget"]
    return budget["epochs"] or 0, budget["steps"] or 0, training_text(one.settings)


def rung_of(settings: dict) -> str | None:
    """Return the ladder's name of the budget."""
    return Budget(**settings["budget"]).rung
