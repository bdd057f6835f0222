"""One run. Out of memory, it starts once again, computing half a batch at a time: the same recipe."""

from core.recipe import Recipe
from core.store import maps
from core.worker.memory import at_half_the_batch


def events(job, stop):
    """Yield the events of a run, whose student is kept, but for a map's: a hundred of them would push out the learners'. payload: the recipe."""
    from core.training.distill import distill

    recipe = Recipe.from_dict(job.payload)
    make = lambda micro_batch: distill(recipe, stop, micro_batch=micro_batch, keep=not maps.of_map(job))
    yield from at_half_the_batch(make, recipe.optimiser.batch_size, "run")
