"""A kind of job: a mistake made on purpose in short runs, beside the correct runs of the same recipes. It can be stopped."""

from core.recipe import Recipe
from core.store import jobs, records
from core.studies.mistakes.catalogue import mistakes
from core.studies.mistakes.plan import of_choices
from core.worker.control import Attention

CORRECT, MISTAKEN = "correct", "mistaken"


def mistake(job: jobs.Job, attention: Attention):
    """payload: a recipe as of a distill job, with "mistake": names that '+' joins. A mistake that spans several choices trains all of them.

    The correct runs come first; one that this machine's store holds already, made with the same weights and data, is not made again. Every
    event carries "side" (CORRECT or MISTAKEN), "run" (from 1) and "runs"; each record that is there is told by an event made {"side", "row"}.
    The mistaken records carry "mistake" and have ids that are no recipe's (core.training.overrides.mistaken_id).
    """
    from core.studies.mistakes.hooks import check, overrides_for
    from core.training.distill import distill
    from core.training.loading import load_pair
    from core.training.overrides import CORRECT as AS_IT_IS
    from core.worker.handlers import Ended

    name, recipe = asked(job.payload)
    attention.emit("stage", {"stage": "preparing", "text": "Loading the teacher and the task", "done": None})
    teacher, task, _ = load_pair(recipe.teacher, recipe.task)
    recipes = of_choices(name, recipe, teacher.layers)
    for recipe in recipes:
        check(name, recipe, teacher.layers)
    made = overrides_for(name)
    todo = [(CORRECT, recipe) for recipe in recipes] + [(MISTAKEN, recipe) for recipe in recipes]
    for n, (side, recipe) in enumerate(todo, start=1):
        where = {"side": side, "run": n, "runs": len(todo)}
        kept = records.finished(recipe.id, teacher.hash, task.hash) if side == CORRECT else None
        if kept is None:
            for event in distill(recipe, attention.stop, overrides=AS_IT_IS if side == CORRECT else made):
                if event.kind != "finished":
                    attention.emit(event.kind, event.data | where)
                    if event.data.get("stage") == "preparing" and attention.stop():
                        return Ended("stopped", attention.reason)
            if event.data["record"]["status"] != "finished":
                return Ended("stopped", attention.reason)
            kept = {"row": records.add(event.data["record"])}
        attention.emit("made", where | {"row": kept["row"]})
    return Ended("finished")


def asked(payload: dict) -> tuple[str, Recipe]:
    """The mistakes' names and the recipe; LabError for names that are none."""
    recipe = {name: value for name, value in payload.items() if name != "mistake"}
    names = payload.get("mistake", "")
    mistakes(names)
    return names, Recipe.from_dict(recipe)
