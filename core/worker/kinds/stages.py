"""A run in stages; its record says so and answers no recipe."""

from core.recipe import Recipe


def events(job, stop):
    """Yield the events of every stage. payload: {method, recipe, remove}."""
    from core.studies.stages.run import run
    from core.studies.stages.staged import Staged

    wanted = job.payload
    return run(Staged(wanted["method"], Recipe.from_dict(wanted["recipe"]), wanted["remove"]), stop)
