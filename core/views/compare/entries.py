"""Up to four entries of the Compare page: read from a link and written to one, filled from presets, objectives or seeds."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.errors import LabError
from core.recipe import BUNDLES, PRESETS, RUNGS, Recipe, bundle, preset
from core.store import records
from core.store.saved import saved_runs
from core.views.common import choice as choices
from core.views.common.choice import Choice
from core.views.common.saved_options import training_text
from core.views.common.text import layers_text

MOST = 4
LETTERS = "ABCD"
PARTS = ("layers", "objective", "budget", "seed")  # of an entry in a link, joined by SEPARATOR
SEPARATOR = "~"
RUN = "run:"  # begins an entry that no choice can say: a run's id
SETS = {"presets": "Four presets", "objectives": "Objectives", "seeds": "Seeds"}
OBJECTIVES = ("hinton", "distilbert", "patient", "cross-entropy")


@dataclass(frozen=True)
class Entry:
    """One student of the comparison."""

    recipe: Recipe

    @property
    def id(self) -> str:
        return self.recipe.id

    def title(self) -> str:
        """'layers 1, 3, 5'; 'untrained layers' for the control."""
        if self.recipe.seeding.untrained_layers:
            return "untrained layers"
        return f"layer{'s' if self.recipe.k != 1 else ''} {layers_text(self.recipe.layers)}"

    def about(self) -> str:
        """'hinton · 240 steps · seed 0', with what else is not as usual."""
        recipe = self.recipe.to_dict()
        objective = self.recipe.objective
        usual = objective.name in BUNDLES and bundle(objective.name) == objective
        name = objective.name if usual else f"{objective.name}, changed"
        return " · ".join((name, training_text(recipe), f"seed {self.recipe.seed}"))


def entry_text(entry: Entry) -> str:
    """For a link: '1,3,5~hinton~240~0', or 'run:' and the id of a run that these words cannot say."""
    chosen = choices.choice_of_recipe(entry.recipe.to_dict())
    if chosen is None:
        return RUN + entry.id
    return SEPARATOR.join((",".join(map(str, chosen.layers)), chosen.objective, chosen.budget, str(chosen.seed)))


def read_entries(texts: Sequence[str], teacher: str, task: str) -> tuple[list[Entry], list[str]]:
    """The entries of a link, and a sentence for each that is dropped."""
    entries, problems = [], []
    for text in texts[: 2 * MOST]:
        try:
            entries.append(_read(text[: choices.LONGEST], teacher, task))
        except LabError as error:
            problems.append(f"The entry {choices.shortened(text)!r} of the link is dropped. {error}")
    kept = unique(entries)
    if len(kept) < len(entries) or len(texts) > MOST:
        problems.append(f"The link's entries are the same in part, or more than {MOST}; the first of each are kept.")
    return kept, problems


def _read(text: str, teacher: str, task: str) -> Entry:
    if text.startswith(RUN):
        record = known_run(text.removeprefix(RUN), teacher, task)
        if record is None:
            raise LabError("No finished run of this teacher and task has that id.")
        return Entry(Recipe.from_dict(record["recipe"]))
    parts = text.split(SEPARATOR)
    if len(parts) != len(PARTS):
        raise LabError("It has to be layers~objective~budget~seed, for example 1,3,5~hinton~240~0.")
    chosen, problems = choices.read_choice({"teacher": [teacher], "task": [task], **{name: [part] for name, part in zip(PARTS, parts, strict=True)}})
    if problems:
        raise LabError(problems[0])
    return Entry(chosen.recipe())


def known_run(run_id: str, teacher: str, task: str) -> dict | None:
    """A finished run by its id: kept here, else saved with the program."""
    found = records.finished(run_id)
    if found and (found["recipe"]["teacher"], found["recipe"]["task"]) == (teacher, task):
        return found
    return next((record for record in saved_runs(teacher, task) if record["id"] == run_id), None)


def unique(entries: Sequence[Entry]) -> list[Entry]:
    """Each recipe once, at most MOST of them, in order."""
    return list({entry.id: entry for entry in entries}.values())[:MOST]


def fill_set(name: str, chosen: Choice, layers: int) -> list[Entry]:
    """A whole set around the choice: presets of its size, objectives, or seeds."""
    if name == "presets":
        return presets(chosen, layers)
    if name == "objectives":
        made = [replace(chosen, objective=objective) for objective in unique_names((chosen.objective, *OBJECTIVES))]
    else:
        made = [replace(chosen, seed=seed) for seed in unique_names((chosen.seed, 0, 1, 2))]
    return unique(entries_of_choices(made))


def unique_names(names: Sequence) -> list:
    return list(dict.fromkeys(names))[:MOST]


def presets(chosen: Choice, layers: int) -> list[Entry]:
    k, found = max(1, len(chosen.layers)), []
    for name in PRESETS:
        try:
            found += entries_of_choices([replace(chosen, layers=preset(name, layers, k))]) if name != "random" else []
        except LabError:
            continue
    return unique(found)


def entries_of_choices(made: Sequence[Choice]) -> list[Entry]:
    """Those that give a recipe."""
    found = []
    for one in made:
        try:
            found.append(Entry(one.recipe()))
        except LabError:
            continue
    return found


def first_entries(chosen: Choice, layers: int, saved: Sequence[dict]) -> list[Entry]:
    """What the page opens with: the presets, at the longest rung at which two or more of them are saved, else at the choice's own."""
    ids = {record["id"] for record in saved}
    for budget in reversed(RUNGS):
        made = presets(replace(chosen, budget=budget), layers)
        if sum(entry.id in ids for entry in made) > 1:
            return made
    return presets(chosen, layers)


def is_of_pair(entry: Entry, teacher: str, task: str) -> bool:
    return (entry.recipe.teacher, entry.recipe.task) == (teacher, task)


def run_text(record: dict) -> str:
    """A run in a list: '1, 3, 5 · hinton · 3 epochs (full) · seed 0'."""
    entry = Entry(Recipe.from_dict(record["recipe"]))
    return f"{entry.title().removeprefix('layers ')} · {entry.about()}"
