"""A mistake made on purpose in short runs, beside the correct runs of the same recipes."""

from core.recipe import Recipe
from core.store import records
from core.studies.mistakes.catalogue import mistakes
from core.studies.mistakes.plan import of_choices
from core.training.events import Event, stage

CORRECT, MISTAKEN = "correct", "mistaken"


def events(job, stop):
    """Yield the events of all runs. payload: a recipe as in a distill job, with "mistake": names joined by '+'.

    A mistake that spans several choices trains all of them. The correct runs come first; one that this machine's store holds already, made
    with the same teacher and data, is not made again. Every event carries "side" (CORRECT or MISTAKEN), "run" (from 1) and "runs"; a `made`
    event names each record's row. The mistaken records carry "mistake" and have ids that are no recipe's.
    """
    from core.studies.mistakes.hooks import check, overrides_for
    from core.training.distill import distill
    from core.training.loading import load_pair
    from core.training.overrides import CORRECT as NO_OVERRIDES

    payload = dict(job.payload)
    name = payload.pop("mistake", "")
    mistakes(name)  # LabError for names that do not exist
    recipe = Recipe.from_dict(payload)
    yield stage("preparing", "Loading the teacher and the task")
    teacher, task, _ = load_pair(recipe.teacher, recipe.task)
    recipes = of_choices(name, recipe, teacher.layers)
    for recipe in recipes:
        check(name, recipe, teacher.layers)
    made = overrides_for(name)
    todo = [(CORRECT, recipe) for recipe in recipes] + [(MISTAKEN, recipe) for recipe in recipes]
    for n, (side, recipe) in enumerate(todo, start=1):
        where = {"side": side, "run": n, "runs": len(todo)}
        stored = records.finished(recipe.id, teacher.key, task.hash) if side == CORRECT else None
        if stored is not None:
            yield Event("made", where | {"row": stored["row"]})
            continue
        record = None
        for event in distill(recipe, stop, overrides=NO_OVERRIDES if side == CORRECT else made):
            if event.kind == "finished":
                record = event.data["record"]
            else:
                yield Event(event.kind, event.data | where)
        if record is None or record["status"] != "finished":
            return
        yield Event("made", where | {"record": record})
    yield Event("finished")
