"""What each part of the speed is worth: our loop with one part off at a time, and with all off."""

import dataclasses
import statistics
from collections.abc import Callable
from functools import partial

from core.training.device import bf16_pays, pick
from core.training.evaluate import brief, predict
from tests.bench import ours
from tests.bench.ours import Parts
from tests.bench.protocol import Setting, order
from tests.bench.repeats import interleaved, summary


def variants(setting: Setting) -> dict[str, tuple[Parts, str, str, str]]:
    """name -> (parts, kind of order, precision, "same" where the mathematics stays as it is).

    Without bucketing the batches are other ones; bf16 rounds. Padding and the cache change nothing but rounding, where the
    dropout masks are the same.
    """
    usual = "fp32" if setting.device.autocast is None else "bf16"
    found = {
        "all on": (Parts(), "bucketed", usual, "same"),
        "without the cache (teacher at every step)": (Parts(cache=False), "bucketed", usual, "same"),
        "without bucketing (padded to the batch's longest)": (Parts(), "random", usual, "other batches"),
        "without bucketing (padded to the data set's longest)": (Parts(width=setting.width), "random", usual, "other batches"),
        "without fused AdamW": (Parts(fused=False), "bucketed", usual, "same"),
        "with the whole last layer": (Parts(first_token=False), "bucketed", usual, "same without dropout"),
        "with all embedding rows": (Parts(used_rows=False), "bucketed", usual, "same"),
        "with frozen embeddings": (Parts(freeze=True), "bucketed", usual, "less is trained"),
    }
    if usual == "bf16":
        found["in fp32"] = (Parts(), "bucketed", "fp32", "rounds less")
    off = Parts(cache=False, used_rows=False, first_token=False, fused=False, width=setting.width)
    return found | {"all off": (off, "random", "fp32", "other batches")}


def ablate(setting: Setting, repeats: int, progress: Callable[[str], None], every: Callable[[str], bool] = lambda name: True) -> dict:
    """A row a variant: seconds a step, and how many times the seconds of `all on` in the same repeat."""
    chosen = {name: value for name, value in variants(setting).items() if name == "all on" or every(name)}
    jobs = {}
    for name, (parts, kind, precision, _) in chosen.items():
        one = setting if precision == ("fp32" if setting.device.autocast is None else "bf16") else in_precision(setting, precision)
        ours.ask_teacher(one, parts.cache)
        jobs[name] = partial(_seconds, one, order(setting, kind), parts)
    for job in jobs.values():
        job()  # first calls allocate
    found = interleaved(jobs, repeats, progress)
    steps = setting.steps_per_epoch
    rows = []
    for name, (_, kind, precision, same) in chosen.items():
        rows.append({
            "variant": name, "order": kind, "precision": precision, "mathematics": same,
            "seconds_per_step": summary([value / steps for value in found[name]]),
            "times_all_on": summary([value / base for value, base in zip(found[name], found["all on"])]),
        })
    return {"steps": steps, "repeats": repeats, "rows": rows, "notes": [precision_note(setting)]}


def frozen_cost(setting: Setting, epochs: int, seeds: int, progress: Callable[[str], None]) -> dict | None:
    """Test accuracy with and without frozen embeddings, by seed; None for a teacher that is not fine-tuned."""
    if not setting.ready:
        return None
    test, found = setting.encoded["test"], {}
    for name, parts in (("trained", Parts()), ("frozen", Parts(freeze=True))):
        found[name] = []
        for seed in range(seeds):
            progress(f"accuracy with {name} embeddings: seed {seed + 1} of {seeds}")
            run = ours.run(setting, order(setting, "bucketed", epochs, seed), seed, parts)
            found[name].append(brief(predict(run.student, test, setting.device), test.labels)["accuracy"])
    cost = statistics.mean(found["trained"]) - statistics.mean(found["frozen"])
    return {"epochs": epochs, "trained": summary(found["trained"]), "frozen": summary(found["frozen"]), "cost": cost}


def in_precision(setting: Setting, precision: str) -> Setting:
    return dataclasses.replace(setting, device=pick(precision), signals=None)


def precision_note(setting: Setting) -> str:
    kind = setting.device.kind
    if setting.device.autocast is not None:
        return f"bf16 autocast is used: this {kind} device multiplies it."
    if bf16_pays(kind):
        return f"This {kind} device multiplies bf16, but fp32 was asked for."
    return f"bf16 is not tried: this {kind} device has no instructions that multiply it, and emulated it is slower than fp32."


def _seconds(setting: Setting, batches, parts: Parts) -> float:
    return ours.run(setting, batches, 0, parts).seconds
