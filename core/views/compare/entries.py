"""Up to four entries of the Compare page, each a recipe: read from a link and written to one, filled from presets, objectives or seeds."""

import contextlib
from collections.abc import Sequence
from dataclasses import replace

from core.errors import LabError
from core.recipe import BUNDLES, RUNGS, Recipe, bundle
from core.views.common import choice as choices
from core.views.common.choice import Choice
from core.views.common.recipe_runs import finished_run
from core.views.common.saved_options import training_text
from core.views.common.text import choice_text, shortened

MOST = 4
LETTERS = "ABCD"
PARTS = ("layers", "objective", "budget", "seed")  # of an entry in a link, joined by SEPARATOR
MORE = ("labels", "wrong")  # written where they are not as usual
SEPARATOR = "~"
RUN = "run:"  # begins an entry that no choice can say: a run's id
SETS = {"presets": "Four presets", "objectives": "Objectives", "seeds": "Seeds"}
OBJECTIVES = ("hinton", "distilbert", "patient", "cross-entropy")


def title(recipe: Recipe) -> str:
    """'layers 1, 3, 5'; 'untrained layers' for the control."""
    return "untrained layers" if recipe.seeding.untrained_layers else choice_text(recipe.layers, None)


def about(recipe: Recipe) -> str:
    """'hinton · 240 steps · seed 0', with what else is not as usual."""
    objective = recipe.objective
    usual = objective.name in BUNDLES and bundle(objective.name) == objective
    name = objective.name if usual else f"{objective.name}, changed"
    return " · ".join((name, training_text(recipe.to_dict()), f"seed {recipe.seed}"))


def about_briefly(recipe: Recipe) -> str:
    """'3 epochs (full)', and the objective and the seed only where they are not those that a link has without saying so."""
    usual = Choice()
    parts = about(recipe).split(" · ")
    return " · ".join(part for part in parts if part not in (usual.objective, f"seed {usual.seed}"))


def entry_text(entry: Recipe) -> str:
    """For a link: '1,3,5~hinton~240~0', or 'run:' and the id of a run that these words cannot say."""
    chosen = choices.choice_of_recipe(entry.to_dict())
    if chosen is None:
        return RUN + entry.id
    more = () if chosen.seen_as_usual else (chosen.labels, chosen.wrong)
    return SEPARATOR.join((",".join(map(str, chosen.layers)), chosen.objective, chosen.budget, str(chosen.seed), *more))


def read_entries(texts: Sequence[str], teacher: str, task: str) -> tuple[list[Recipe], list[str]]:
    """Return the entries of a link, and a sentence for each that is dropped."""
    entries, problems = [], []
    for text in texts[: 2 * MOST]:
        try:
            entries.append(_read(text[: choices.LONGEST], teacher, task))
        except LabError as error:
            problems.append(f"The entry {shortened(text)!r} of the link is dropped. {error}")
    kept = unique(entries)
    if len(kept) < len(entries) or len(texts) > MOST:
        problems.append(f"The link's entries are the same in part, or more than {MOST}; the first of each are kept.")
    return kept, problems


def _read(text: str, teacher: str, task: str) -> Recipe:
    if text.startswith(RUN):
        record = finished_run(text.removeprefix(RUN), teacher, task, None)
        if record is None or (record["recipe"]["teacher"], record["recipe"]["task"]) != (teacher, task):
            raise LabError("No finished run of this teacher and task has that id.")
        return Recipe.from_dict(record["recipe"])
    parts = text.split(SEPARATOR)
    names = PARTS + (MORE if len(parts) > len(PARTS) else ())
    if len(parts) != len(names):
        raise LabError("It has to be layers~objective~budget~seed, for example 1,3,5~hinton~240~0.")
    chosen, problems = choices.read_choice({"teacher": [teacher], "task": [task], **{name: [part] for name, part in zip(names, parts, strict=True)}})
    if problems:
        raise LabError(problems[0])
    return chosen.recipe()


def unique(entries: Sequence[Recipe]) -> list[Recipe]:
    """Return each recipe once, at most MOST of them, in order."""
    return list({entry.id: entry for entry in entries}.values())[:MOST]


def fill_set(name: str, chosen: Choice, layers: int) -> list[Recipe]:
    """Return a whole set around the choice: presets of its size, objectives, or seeds."""
    if name == "presets":
        return presets(chosen, layers)
    if name == "objectives":
        return entries_of_choices([replace(chosen, objective=objective) for objective in (chosen.objective, *OBJECTIVES)])
    return entries_of_choices([replace(chosen, seed=seed) for seed in (chosen.seed, 0, 1, 2)])


def presets(chosen: Choice, layers: int) -> list[Recipe]:
    named = choices.choices_of_presets(layers, max(1, len(chosen.layers)))
    return entries_of_choices([replace(chosen, layers=choice) for choice in named.values()])


def entries_of_choices(made: Sequence[Choice]) -> list[Recipe]:
    """Those that give a recipe, each once."""
    found = []
    for one in made:
        with contextlib.suppress(LabError):
            found.append(one.recipe())
    return unique(found)


def first_entries(chosen: Choice, layers: int, saved: Sequence[dict]) -> list[Recipe]:
    """Return what the page opens with: the presets, at the longest rung at which two or more of them are saved, else at the choice's own."""
    ids = {record["id"] for record in saved}
    for budget in reversed(RUNGS):
        made = presets(replace(chosen, budget=budget), layers)
        if sum(entry.id in ids for entry in made) > 1:
            return made
    return presets(chosen, layers)


def run_text(record: dict) -> str:
    """Return a run in a list: '1, 3, 5 · hinton · 3 epochs (full) · seed 0'."""
    recipe = Recipe.from_dict(record["recipe"])
    return f"{title(recipe).removeprefix('layers ')} · {about(recipe)}"
