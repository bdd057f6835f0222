"""The benchmark's result as text: one table a part, with a line that says what its columns are."""

from core.commands.output import table


def text(result: dict) -> str:
    here = result["environment"]
    lines = [
        f"{here['device']} {here['device_name']}, {here['dtype']}, {here['threads']} threads, torch {here['versions']['torch']}, "
        f"{here['cpu_capability']}, load {_number(here['load'])}" + (", quick" if result["quick"] else "")
    ]
    if here["load"] is not None and here["load"] > 0.5 * (here["cpus"] or 1):
        lines.append("Other programs were busy when this began: times are those of a shared machine.")
    lines += result["notes"]
    for cell in result["cells"]:
        lines += ["", *_cell(cell)]
    for part in result["scaling"]:
        lines += ["", f"Scaling of a student of {part['teacher']}'s kind, one size varied at a time; peak memory is the whole process's"]
        lines.append(table(("varied", "K", "hidden", "batch", "tokens", "s/step", "peak MB", "before MB"), [
            (r["axis"], r["k"], r["hidden"], r["batch"], r["length"], _spread(r["seconds_per_step"]), _megabytes(r["peak_bytes"]),
             _megabytes(r["before_bytes"])) for r in part["rows"]
        ]))
    return "\n".join(lines)


def _cell(cell: dict) -> list[str]:
    k, total = len(cell["layers"]), cell["teacher_layers"]
    lines = [
        f"{cell['teacher']} {total}->{k} ({cell['hidden']} wide) on {cell['task']}, {cell['workload']} ({cell['objective']}): batch "
        f"{cell['batch_size']}, {cell['train_examples']} examples of {cell['mean_length']:.1f} tokens on average, "
        f"the longest {cell['longest']}",
        *cell["notes"],
    ]
    for part, draw in (("peers", _peers), ("accuracy", _accuracy), ("ablation", _ablation), ("limit", _limit), ("profile", _profile)):
        if cell.get(part):
            lines += ["", *draw(cell[part])]
    return lines


def _peers(part: dict) -> list[str]:
    lines = [
        f"Loops, {part['steps']} steps, median of {part['repeats']} interleaved repeats (min to max). times ours: its seconds over ours, bound: over "
        "a perfect loop's, both by the token that is not padding. pays after: epochs until our cache has paid. gradient: distance from ours.",
        table(("loop", "settings", "s/step", "times ours", "bound", "tokens/s", "pays after", "peak MB", "loss", "gradient"), [
            (r["loop"], r["settings"], _spread(r["seconds_per_step"]), _spread(r["times_ours"], 2), f"{r['bound']['median']:.2f}",
             f"{r['tokens_per_second']:,.0f}", _number(r["break_even_epochs"]), _megabytes(r["peak_bytes"]), f"{r['loss']:.3f}",
             f"{r['gradient_distance']:.1e}") for r in part["rows"]
        ]),
    ]
    lines += [f"  {r['loop']}, {r['settings']}: {r['what']}" for r in part["rows"]]
    seconds = {name: f"{value['median'] * 1000:.1f}" for name, value in part["components"].items()}
    lines += [
        f"Alone, ms a step: teacher {seconds['teacher']}, student {seconds['student']}, optimizer {seconds['optimizer_full']} "
        f"(used rows only: {seconds['optimizer_used']}); {100 * part['real_share']:.1f} % of our tokens are not padding",
        f"A perfect loop (perfect cache, no padding): {part['perfect_seconds_per_step']['median'] * 1000:.1f} ms a step; ours reaches "
        f"{100 * part['reached']['median']:.1f} % of it ({100 * part['reached']['min']:.1f} to {100 * part['reached']['max']:.1f}). From the times "
        f"alone, teacher at every step over perfect: {part['bound_from_components']:.2f}",
        f"Cache of the whole training split: {part['cache_seconds']:.1f} s (measured on {part['cache_measured_on']} examples)",
    ]
    return lines + part["notes"]


def _accuracy(rows: list[dict]) -> list[str]:
    head = ("loop", "settings", "epochs", "test accuracy", "min to max", "train s")
    body = [
        (r["loop"], r["settings"], r["epochs"], f"{100 * r['accuracy']['mean']:.2f} %",
         f"{100 * r['accuracy']['min']:.2f} to {100 * r['accuracy']['max']:.2f}", _spread(r["seconds"], 1)) for r in rows
    ]
    seeds = len(rows[0]["accuracy"]["values"])
    return [f"Final accuracy, mean over {seeds} seeds; a documented setting that only pads more trains the same", table(head, body)]


def _ablation(part: dict) -> list[str]:
    lines = [
        f"Ablation, {part['steps']} steps, median of {part['repeats']} interleaved repeats (min to max); times: its seconds over those with all on",
        table(("variant", "s/step", "times", "order", "precision", "mathematics"), [
            (r["variant"], _spread(r["seconds_per_step"]), _spread(r["times_all_on"], 2), r["order"], r["precision"], r["mathematics"])
            for r in part["rows"]
        ]), *part["notes"],
    ]
    if frozen := part.get("frozen_embeddings"):
        lines.append(
            f"Frozen embeddings cost {100 * frozen['cost']:.2f} points of test accuracy after {frozen['epochs']} epochs "
            f"(trained {100 * frozen['trained']['median']:.2f} %, frozen {100 * frozen['frozen']['median']:.2f} %, medians over the seeds)"
        )
    return lines


def _limit(part: dict) -> list[str]:
    lines = [
        f"Distance to the limit in {part['dtype']} at batch {part['batch']} of {part['tokens']} tokens: matrix products alone "
        f"{part['matmul_rate'] / 1e9:.1f} GFLOP/s; a step has {part['flops_per_step'] / 1e9:.1f} GFLOP "
        f"({part['padded_flops_per_step'] / 1e9:.1f} with padding)",
    ]
    for name, words in (("forward_backward", "student forward and backward"), ("loop", "the whole loop")):
        found = part[name]
        lines.append(
            f"  {words}: {found['flops_per_second'] / 1e9:.1f} GFLOP/s, utilisation {100 * found['utilisation']:.1f} % "
            f"({100 * found['padded_utilisation']:.1f} % counting padding), {_spread(found['seconds_per_step'])} s/step"
        )
    lines.append(table(("product", "m x k x n", "times", "GFLOP/s"), [
        (p["kind"], " x ".join(map(str, p["shape"])), p["count"], f"{p['rate'] / 1e9:.1f}") for p in part["products"]
    ]))
    return lines


def _profile(part: dict) -> list[str]:
    rows = [(o["name"], o["calls"], f"{o['seconds']:.3f}", f"{100 * o['share']:.1f} %") for o in part["operations"]]
    return [f"Profile of our loop, {part['steps']} steps: operations by their own time", table(("operation", "calls", "s", "share"), rows)]


def _spread(part: dict, digits: int = 4) -> str:
    return f"{part['median']:.{digits}f} ({part['min']:.{digits}f} to {part['max']:.{digits}f})"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _megabytes(value: int | None) -> str:
    return "-" if value is None else f"{value / (1 << 20):,.0f}"
