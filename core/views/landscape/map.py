"""Measuring the choices of a teacher and task: what is asked for, what it takes and can tell, and how far it is, in words."""

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.errors import LabError
from core.findings.evidence import settings_of
from core.findings.landscape import Landscape
from core.findings.names import pair_text
from core.recipe import MapPlan, Recipe, Seeding, bundle, map_plan, rung
from core.statistics.power import gap_found
from core.store import forecast, jobs, maps, records
from core.store.database import connect
from core.store.ground import Ground, ground
from core.store.maps import Map, State
from core.store.saved import saved_runs
from core.views.common import saved_options as offered
from core.views.common.choice import local_task
from core.views.common.recipe_runs import ground_now
from core.views.common.text import budget_text, duration


@dataclass(frozen=True)
class Wish:
    """What is asked for. sample: how many choices, None for all. seeds: how many. draw: the seed that draws the sample."""

    teacher: str
    task: str
    k: int
    rung: str = "60"
    seeds: int = 2
    sample: int | None = None
    draw: int = 0
    objective: str = "hinton"
    control: bool = True

    def plan(self, layers: int) -> MapPlan:
        """LabError where it cannot be planned."""
        settings = Recipe(self.teacher, self.task, tuple(range(1, self.k + 1)), bundle(self.objective), rung(self.rung), seeding=Seeding())
        return map_plan(settings, layers, self.k, self.seeds, self.sample, self.draw, self.control)


def ground_ready(teacher: str, task: str) -> Ground:
    """Return what runs of these stand on now. LabError while that is not known."""
    weights, data = ground_now(teacher, task)
    if weights is None or data is None:
        raise LabError("What this task holds is not known on this machine yet; make one run of it in the Lab first.")
    return weights, data


def there_already(plan: MapPlan, on: Ground) -> int:
    """Return how many runs of a plan have been made: here, or saved with the program."""
    ids = {recipe.id for recipe in plan.recipes()}
    shipped = {run["id"] for run in saved_runs(plan.settings.teacher, plan.settings.task) if ground(run) == on}
    with connect() as db:
        return len(ids & shipped | records.answered(db, list(ids), *on))


def work_text(plan: MapPlan, there: int) -> str:
    """Say how many runs a plan has, how many are left, and how long those take on this machine."""
    runs = len(plan.recipes())
    left = runs - there
    parts = f"{len(plan.choices)} choice{'s' if len(plan.choices) != 1 else ''}{' and the control' if plan.control else ''}"
    said = f"**{runs} runs**: {parts}, {_seeds(len(plan.seeds))} each."
    if there:
        said += f" {there} {'are' if there != 1 else 'is'} there already{', so nothing is left to run' if not left else ''}."
    if not left:
        return said
    seconds, exact = forecast.of_runs(plan.settings, left, forecast.measured())
    if seconds is None:
        return f"{said} How long that takes was not measured here yet; the time left shows once a run is made."
    roughly = "" if exact else ", judged by students of another size"
    return f"{said} About **{duration(seconds)}** on this machine{roughly}, and longer while learners train: their runs go first."


def _seeds(count: int) -> str:
    return f"{count} seed{'s' if count != 1 else ''}"


def power_text(plan: MapPlan, found: Iterable[Landscape], on: Ground) -> str:
    """Say which gaps between two choices the map will show, and whose noise that rests on."""
    choices, seeds = len(plan.choices) + plan.control, len(plan.seeds)
    if choices < 2:
        return "One choice alone is compared with nothing."
    if seeds < 2:
        return "One seed a choice does not show how far seeds scatter, so this map tells no two choices apart. Take at least 2 seeds."
    noisy = noise_of(plan, found, on)
    if not noisy:
        return "How far seeds scatter with this training is not known yet, so which gaps it will show cannot be said."
    examples = examples_of(plan, noisy, on)
    whose = pair_text(*noisy[0].pair)
    own = noisy[0].ground == on
    basis = "this pair's own runs" if own else f"the saved runs of {whose}"
    told = gaps_text(gaps(noisy, choices, seeds, examples))
    pairs = math.comb(choices, 2)
    if told is None:
        said = f"{_seeds(seeds).capitalize()} each are too few to tell any two of these choices apart."
    else:
        every = "" if pairs == 1 else f", with all {pairs} pairs tested together"
        said = f"It will tell two choices apart that lie **{told} or more** apart. That holds in four of five cases{every}. "
        said += "Closer ones stay \"too few runs to tell\"."
    more = gaps_text(gaps(noisy, choices, seeds + 1, examples))
    if more is not None and more != told:
        said += f" With {seeds + 1} seeds: {more}."
    return f"{said} This assumes that seeds scatter as in {basis}."


def noise_of(plan: MapPlan, found: Iterable[Landscape], on: Ground) -> list[Landscape]:
    """Return landscapes of the same budget whose seeds' noise is known: this pair's own where there are any, else those of one other pair, all of
    them of the nearest size."""
    budget = plan.settings.to_dict()["budget"]
    known = [one for one in found if one.settings["budget"] == budget and one.noise.known]
    known = [one for one in known if one.ground == on] or [one for one in known if one.pair == _first(known)]
    nearest = min((abs(one.k - plan.k) for one in known), default=0)
    return [one for one in known if abs(one.k - plan.k) == nearest]


def _first(known: Sequence[Landscape]) -> tuple[str, str] | None:
    return max(known, key=lambda one: one.noise.df).pair if known else None


def examples_of(plan: MapPlan, noisy: Sequence[Landscape], on: Ground) -> int | None:
    """Return how many examples the map's runs are measured on; None where that is not known."""
    if noisy[0].ground == on:
        return len(noisy[0].one["predictions"])
    task = local_task(plan.settings.task)
    return None if task is None else len(task.split("test" if plan.settings.budget.full else "check"))


def gaps(noisy: Sequence[Landscape], choices: int, seeds: int, examples: int | None) -> list[float | None]:
    """Return the gap that so many seeds of so many choices would show, by the noise of each landscape."""
    found = []
    for one in noisy:
        there = len(one.one["predictions"])
        test = statistics.median([verdict.comparison.test_variance for verdict in one.verdicts.values()]) * there / (examples or there)
        found.append(gap_found(one.noise.sd, max(noise.most for noise in one.noises.values() if noise.known), test, choices, seeds))
    return found


def gaps_text(found: Sequence[float | None]) -> str | None:
    """Return '6 points', '6 to 9 points'; None where some find no gap."""
    if None in found or not found:
        return None
    low, high = (round(100 * value) for value in (min(found), max(found)))
    return f"{low} point{'s' * (low != 1)}" if low == high else f"{low} to {high} points"


def name_of(one: Map, layers: int) -> str:
    """Return what a map measures: 'all 6 choices of 2 of 4 layers, 60 steps, 2 seeds'."""
    plan, every = one.plan, math.comb(layers, one.plan.k)
    which = f"all {every} choices" if len(plan.choices) == every else f"{len(plan.choices)} of {every} choices, drawn by chance,"
    usual = "" if plan.settings.objective.name == "hinton" else f", {offered.objective_text(asked_settings(plan))}"
    return f"{which} of {plan.k} of {layers} layers, {budget_text(plan.settings.to_dict()['budget'])}, {_seeds(len(plan.seeds))}{usual}"


def asked_settings(plan: MapPlan) -> dict:
    return settings_of({"recipe": plan.settings.to_dict()})


def asked_of_landscape(one: Map) -> dict:
    """Return the landscape's options that show a map's runs."""
    plan, settings = one.plan, asked_settings(one.plan)
    return {"map": one.id, "objective": offered.objective_text(settings), "training": offered.training_text(settings), "k": plan.k}


def progress_text(one: Map, at: State) -> str:
    """Say how far a map is: '12 of 44 runs are there · about 3 min left', or how it ended."""
    said = f"{at.done} of {at.runs} runs are there"
    if one.going and at.left:
        seconds = at.seconds or _one_run(one)
        left = f" · about {duration(seconds * at.left)} left" if seconds else ""
        waits = at.job is None and bool(jobs.queue())
        return f"{said}{left}{' · waiting: learners go first' if waits else ''}"
    return said


def _one_run(one: Map) -> float | None:
    return forecast.of_runs(one.plan.settings, 1, forecast.measured())[0]


def ended_text(one: Map, at: State) -> str:
    """Say how a map ended, with what broke off; '' while it goes on and all is well."""
    said = {maps.STOPPED: "Stopped; what was measured is kept, and it can go on.", maps.FINISHED: "Measured.", maps.FAILED: one.reason or ""}
    parts = [said.get(one.status, "")]
    if at.broken and one.status != maps.FAILED:
        count = f"{len(at.broken)} runs broke off and are" if len(at.broken) != 1 else "1 run broke off and is"
        parts.append(f"{count} left out: {next(iter(at.broken.values()))}")
    return " ".join(filter(None, parts))


def here_now(found: Iterable[Landscape], pair: tuple[str, str]) -> list[Landscape]:
    """Return the landscapes of a pair by name. This machine's runs that were made with another teacher or other data than those of now are left out,
    and where two of one name would show the same settings, the one of now stands."""
    now = ground_now(*pair)
    of_pair = [one for one in found if one.pair == pair]
    label = lambda one: (offered.objective_text(one.settings), offered.training_text(one.settings), one.k)
    current = {label(one) for one in of_pair if one.ground == now}
    shipped = lambda one: any(run.get("file") for runs in one.runs.values() for run in runs)
    return [one for one in of_pair if one.ground == now or (shipped(one) and label(one) not in current)]
