"""What the learner has chosen: one frozen value, read from a link and written to one."""

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from core.data import reviews, sick
from core.data.address import bare
from core.data.catalogue import known_classes, load
from core.data.task import Task
from core.errors import LabError
from core.findings.names import short_name
from core.models import catalogue as teachers
from core.models.weights import read_card
from core.objectives.declarations import LABELS as READS_LABELS
from core.recipe import BUNDLES, PRESETS, RUNGS, Labels, Recipe, bundle, check_layers, parse_layers, preset, preset_of, rung
from core.store import contents
from core.views.common import lesson, level
from core.views.common.text import budget_text, choice_text, shortened

KEYS = ("teacher", "task", "layers", "objective", "labels", "wrong", "budget", "seed")
LABELS = {"all": None, "2000": 2000, "500": 500, "100": 100, "none": 0}  # in a link -> how many training examples keep their label
WRONG = ("0", "20", "40")  # % of the labels
BUILT_IN = "composed-nli"
LONGEST = 2000  # characters of a link's value
LARGEST_SEED = 2**31 - 1


@dataclass(frozen=True)
class Choice:
    """teacher, task: names. layers: 1-based, in order, possibly empty. objective: a bundle. budget: a rung. labels, wrong: of LABELS and WRONG."""

    teacher: str = "minilm-l6"
    task: str = "composed-nli"
    layers: tuple[int, ...] = (1, 3, 5)
    objective: str = "hinton"
    budget: str = "240"
    seed: int = 0
    labels: str = "all"
    wrong: str = "0"

    @property
    def seen(self) -> Labels:
        """Return the labels that the student sees: the usual ones where the objective reads none. LabError where none is kept and some are wrong."""
        return Labels() if not bundle(self.objective).needing(READS_LABELS) else Labels(LABELS[self.labels], int(self.wrong) / 100)

    @property
    def seen_as_usual(self) -> bool:
        """Return whether every training example keeps its right label."""
        return (self.labels, self.wrong) == (Choice.labels, Choice.wrong)

    @property
    def ordered(self) -> bool:
        """Whether the layers ascend without repeats, as clicks on the diagram give them."""
        return list(self.layers) == sorted(set(self.layers))

    def recipe(self) -> Recipe:
        """LabError when no layer is chosen."""
        repeats = len(set(self.layers)) < len(self.layers)
        return Recipe(self.teacher, self.task, self.layers, bundle(self.objective), rung(self.budget), seed=self.seed, allow_repeats=repeats,
                      labels=self.seen)


def teacher_status(teacher: str, task: str) -> teachers.TeacherStatus:
    """Return what is there of a teacher; LabError for a name that can be none."""
    return teachers.status(teacher, task, task_content(task))


def task_content(task: str) -> teachers.Content:
    """Return what is known of a task's content without a download: of a hub's data what they were when this machine last read them."""
    if task == BUILT_IN:  # not composed only to be hashed: a test holds the card to it
        card = read_card(teachers.bundled_folder("minilm-l6", BUILT_IN))
        return teachers.Content(known_classes(task), card["task_hash"])
    if found := local_task(task):
        return teachers.Content(found.classes, found.hash, found.max_length)
    with contextlib.suppress(LabError):
        if found := contents.remembered(task):
            return teachers.Content(found["classes"], found["hash"], found["max_length"])
        return teachers.Content(known_classes(task))
    return teachers.UNKNOWN


def local_task(task: str) -> Task | None:
    """Return the task, where it can be read without a download."""
    name = bare(task)
    try:
        local = name == BUILT_IN or name.startswith("file:")
        return load(task) if local or (name == "sick" and sick.path()) or (name == "reviews" and reviews.located()) else None
    except LabError:
        return None


def teacher_layers(teacher: str, task: str) -> int | None:
    """Return how many layers the teacher has; None while unknown."""
    try:
        return teacher_status(teacher, task).layers
    except LabError:
        return None


def default_layers(layers: int | None) -> tuple[int, ...]:
    """Return every other layer, from the first."""
    return preset("odd", layers, max(1, layers // 2)) if layers else ()


def fitting(choice: Choice, layers: int | None) -> Choice:
    """Return the choice with layers that the teacher has: a new teacher of another size starts from the default."""
    if layers is not None and max(choice.layers, default=layers + 1) > layers:
        return replace(choice, layers=default_layers(layers))
    return choice


def resized(choice: Choice, k: int, layers: int) -> tuple[int, ...]:
    """Return the choice at another student size: its preset where it is one and reaches that far, else evenly spread."""
    named = choices_of_presets(layers, k)
    return named.get(preset_of(choice.layers, layers), named["spread"])


def choices_of_presets(layers: int, k: int) -> dict[str, tuple[int, ...]]:
    """Return the presets that can name k of the teacher's layers, and what each names; `random` is left out."""
    found = {}
    for name in PRESETS:
        with contextlib.suppress(LabError):
            found |= {name: preset(name, layers, k)} if name != "random" else {}
    return found


def read_choice(query: Mapping[str, Sequence[str]]) -> tuple[Choice, list[str]]:
    """Return the choice a link describes, and a sentence for each value that was dropped. Its level and lesson are read elsewhere."""
    choice, problems = Choice(), []
    values = {}
    for key, given in query.items():
        if key in lesson.KEYS or key == level.KEY:
            continue
        if key not in KEYS:
            problems.append(f"The link names {shortened(key)!r}, which this page does not know; it is ignored.")
        elif len(given) > 1:
            problems.append(f"The link gives {key} {len(given)} times; the last is used.")
        if key in KEYS and given and len(given[-1]) > LONGEST:
            problems.append(f"The link's {key} is longer than {LONGEST} characters; it is ignored.")
        elif key in KEYS and given and given[-1].strip():
            values[key] = given[-1].strip()
    choice = replace(choice, teacher=values.get("teacher", choice.teacher), task=values.get("task", choice.task))
    try:
        count = teacher_status(choice.teacher, choice.task).layers
    except LabError as error:
        problems.append(str(error))
        count = None
    choice = replace(choice, layers=default_layers(count))
    if "layers" in values:
        try:
            layers = check_layers(parse_layers(values["layers"]), count, allow_repeats=True)
            choice = replace(choice, layers=layers)
        except LabError as error:
            problems.append(f"The link's layers are dropped. {error}")
    for key, allowed in (("objective", BUNDLES), ("labels", LABELS), ("wrong", WRONG), ("budget", RUNGS)):
        if key in values and values[key] not in allowed:
            problems.append(f"The link's {key} {shortened(values[key])!r} is dropped; it can be {', '.join(allowed)}.")
        elif key in values:
            choice = replace(choice, **{key: values[key]})
    if "seed" in values:
        text = values["seed"]
        if text.isascii() and text.isdigit() and int(text) <= LARGEST_SEED:
            choice = replace(choice, seed=int(text))
        else:
            problems.append(f"The link's seed {shortened(text)!r} is dropped; it is a whole number from 0 to {LARGEST_SEED}.")
    return choice, problems


def choice_query(choice: Choice) -> dict[str, str]:
    """Return the link's values; no layers when none is chosen."""
    query = {"teacher": choice.teacher, "task": choice.task, "layers": ",".join(map(str, choice.layers)),
             "objective": choice.objective, "budget": choice.budget, "seed": str(choice.seed)}
    usual = Choice()
    query |= {key: getattr(choice, key) for key in ("labels", "wrong") if getattr(choice, key) != getattr(usual, key)}
    return {key: value for key, value in query.items() if value}


def choice_of_recipe(recipe: dict) -> Choice | None:
    """Return the choice that gives this recipe; None when the page cannot say it."""
    try:
        wanted = Recipe.from_dict(recipe)
        budget = wanted.budget.rung
        if budget is None or wanted.objective.name not in BUNDLES:
            return None
        labels = next((name for name, kept in LABELS.items() if kept == wanted.labels.kept), Choice.labels)
        wrong = f"{100 * wanted.labels.wrong:g}"
        choice = Choice(wanted.teacher, wanted.task, wanted.layers, wanted.objective.name, budget, wanted.seed, labels, wrong)
        return choice if choice.wrong in WRONG and choice.recipe().id == wanted.id else None
    except LabError:
        return None


def recipe_text(recipe: dict) -> str:
    """Return a run's recipe in a line: 'layers 1, 3, 5 · hinton · 240 steps · seed 0 · minilm-l6 on sick'."""
    pair = f"{short_name(recipe['teacher'])} on {short_name(recipe['task'])}"
    layers, length = choice_text(recipe["layers"], None), budget_text(recipe["budget"])
    labels = Labels(**recipe.get("labels", {})).text
    return " · ".join(filter(None, (layers, recipe["objective"]["name"], labels, length, f"seed {recipe['seed']}", pair)))
