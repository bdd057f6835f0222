"""Fine-tuning a teacher on a task."""

from core.training.events import Event


def events(job, stop):
    """Yield the events of a fine-tuning with the default settings. payload: {teacher, task}."""
    from core.recipe.tuning import default_tuning
    from core.training.tune import tune

    for event in tune(default_tuning(job.payload["teacher"], job.payload["task"]), job.payload["teacher"], stop):
        if event.kind == "stopped":
            return
        if event.kind == "finished":
            event = Event("finished", {"folder": event.data["folder"], "seconds": event.data["card"]["seconds"]})
        yield event
