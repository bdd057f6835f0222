"""Our loop against its peers: gradients first, then interleaved repeats; and what each reaches in accuracy."""

import dataclasses
import statistics
from collections.abc import Callable

import torch

from core.errors import LabError
from core.training.device import pick
from core.training.evaluate import brief, predict
from tests.bench import bound, notebook, ours, textbrewer, trainer
from tests.bench.memory import Peak
from tests.bench.protocol import Loop, Setting, disagreement, one_batch, order
from tests.bench.repeats import interleaved, summary

MODULES = (notebook, trainer, textbrewer)
AGREE = 1e-3  # of the gradient's norm: far above fp32's rounding, far below any difference in what is computed


def loops(setting: Setting) -> tuple[list[Loop], list[str]]:
    """The loops that can express the objective, ours first, and a sentence for each that is missing."""
    found, notes = list(ours.LOOPS), []
    for module in MODULES:
        if getattr(module, "MISSING", None):
            notes.append(module.MISSING)
            continue
        able = [loop for loop in module.LOOPS if loop.takes(setting.objective)]
        found += able
        if not able:
            notes.append(f"{module.LOOPS[0].name} has no loss for every term of {setting.objective.name}.")
    return found, notes


def gradients_agree(setting: Setting, competitors: list[Loop]) -> dict[str, float]:
    """By loop, how far its gradient of one batch is from ours, relative to its norm. LabError when one is not the same."""
    fp32 = _in_fp32(setting)
    batch = one_batch(fp32)
    reference = ours.gradients(fp32, batch)
    found = {}
    for loop in competitors:
        found[f"{loop.name}, {loop.settings}"] = far = disagreement(reference, loop.gradients(fp32, batch))
        if not far < AGREE:
            raise LabError(
                f"The gradients of {loop.name} ({loop.settings}) differ from ours by {far:.2g} of their norm, so the loops do not train "
                "the same thing and are not timed; report this with your versions of torch and transformers."
            )
    return found


def compare(setting: Setting, repeats: int, progress: Callable[[str], None], warm: bool = True) -> dict:
    """One table: a row a loop, the measured components, and the bound."""
    competitors, notes = loops(setting)
    progress("comparing gradients")
    gradients = gradients_agree(setting, competitors)
    steps = setting.steps_per_epoch
    batches = {kind: order(setting, kind) for kind in {loop.order for loop in competitors}}
    components = bound.jobs(setting)
    peaks: dict[tuple[str, str], int | None] = {}

    def job(loop: Loop):
        def timed():
            with Peak(setting.device) as peak:
                run = loop.run(setting, batches[loop.order], 0)
            peaks[loop.name, loop.settings] = peak.bytes
            return run.seconds, run.setup_seconds, run.loss
        return timed

    for loop in competitors if warm else ():  # first calls allocate and choose kernels; comparing gradients did some of that
        progress(f"warming up {loop.name}, {loop.settings}")
        _warm(setting, loop, batches[loop.order])
    for component in components.values():
        component()
    found = interleaved({(loop.name, loop.settings): job(loop) for loop in competitors} | components, repeats, progress)

    own_loop, *_ = ours.LOOPS
    tokens = {kind: setting.tokens(found_batches) for kind, found_batches in batches.items()}
    per_token = {  # seconds per token that is not padding, by loop and repeat
        loop: [value[0] / tokens[loop.order] for value in found[loop.name, loop.settings]] for loop in competitors
    }
    own = per_token[own_loop]
    real = bound.real_share(setting)
    perfect = [bound.perfect({name: found[name][i] for name in components}, real) for i in range(repeats)]
    ideal = [value * steps / tokens[own_loop.order] for value in perfect]
    cache = setting.signals[1] * setting.train_tokens / int(setting.split.offsets[-1])  # of the whole training split
    rows = []
    for loop in competitors:
        timed = found[loop.name, loop.settings]
        saved = (statistics.median(per_token[loop]) - statistics.median(own)) * setting.train_tokens  # seconds an epoch
        rows.append({
            "loop": loop.name, "settings": loop.settings, "what": loop.what, "order": loop.order,
            "seconds_per_step": summary([value[0] / steps for value in timed]),
            "tokens_per_second": 1 / statistics.median(per_token[loop]),
            "times_ours": summary([theirs / mine for theirs, mine in zip(per_token[loop], own)]),
            "bound": summary([theirs / best for theirs, best in zip(per_token[loop], ideal)]),
            "setup_seconds": statistics.median(value[1] for value in timed),
            "break_even_epochs": cache / saved if saved > 0 and loop is not own_loop else None,
            "peak_bytes": peaks[loop.name, loop.settings], "loss": timed[-1][2],
            "gradient_distance": gradients[f"{loop.name}, {loop.settings}"],
        })
    parts = {name: summary(found[name]) for name in components}
    median = {name: part["median"] for name, part in parts.items()}
    return {
        "steps": steps, "repeats": repeats, "rows": rows, "components": parts, "real_share": real,
        "perfect_seconds_per_step": summary(perfect),
        "reached": summary([best / mine for best, mine in zip(ideal, own)]),
        "bound_from_components": (median["teacher"] + median["student"] + median["optimizer_full"]) / bound.perfect(median, real),
        "cache_seconds": cache, "cache_measured_on": len(setting.split), "notes": notes,
    }


def accuracies(setting: Setting, epochs: int, seeds: int, progress: Callable[[str], None]) -> list[dict]:
    """Accuracy on the test split after `epochs` epochs of the whole training split, by loop; the seed decides order and dropout.

    A documented setting that only pads more is the same mathematics as the peer's best settings and is not trained again.
    """
    if not setting.ready:
        return []
    competitors, _ = loops(setting)
    test = setting.encoded["test"]
    rows = []
    for loop in competitors:
        if loop.settings == "as documented":
            continue
        found, seconds = [], []
        for seed in range(seeds):
            progress(f"accuracy of {loop.name}, {loop.settings}: seed {seed + 1} of {seeds}")
            run = loop.run(setting, order(setting, loop.order, epochs, seed), seed)
            found.append(brief(predict(run.student, test, setting.device), test.labels)["accuracy"])
            seconds.append(run.seconds)
        rows.append({
            "loop": loop.name, "settings": loop.settings, "epochs": epochs, "accuracy": summary(found) | {"mean": statistics.mean(found)},
            "seconds": summary(seconds),
        })
    return rows


def _warm(setting: Setting, loop: Loop, batches: list[torch.Tensor]) -> None:
    """One epoch of the first batch alone; a loop that counts epochs gets one it can count."""
    few = _only(setting, batches[0])
    loop.run(few, [torch.arange(len(few.split))], 0)


def _only(setting: Setting, positions: torch.Tensor) -> Setting:
    return dataclasses.replace(setting, split=setting.split.take(positions), drawn=None, signals=None)


def _in_fp32(setting: Setting) -> Setting:
    """The setting on one batch's worth of examples, in fp32."""
    return dataclasses.replace(_only(setting, order(setting, "random")[0]), device=pick("fp32"))
