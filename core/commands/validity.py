"""Report how well the built-in task separates layer choices, and whether its ranking carries over to a real task."""

from pathlib import Path

from core.commands.output import answer, choice, percent
from core.errors import LabError
from core.store.saved import read
from core.studies.validity import by_choice, separation, transfer


def add(parser) -> None:
    parser.add_argument("files", nargs="+", help="sweep files: the built-in task's first, then the real tasks'")


def run(args) -> None:
    tables = {}
    for name in args.files:
        records = read(Path(name))
        if not records:
            raise LabError(f"The file {name} holds no finished runs; run the sweep that makes it first.")
        tables[name] = (records, by_choice(records))
    (_, (records, built_in)), *others = tables.items()
    layers = records[0]["teacher"]["layers"]
    report = {name: {"task": found[0]["recipe"]["task"], "separation": separation(scores)} for name, (found, scores) in tables.items()}
    for name, (_, scores) in others:
        report[name]["transfer"] = transfer(built_in, scores, layers)
    answer(args, report, lambda: "\n".join(map(summary, report.values())))


VERDICTS = {
    "higher": "the built-in task beats it", "lower": "it beats the built-in task",
    "unknown": "too few choices to tell, so the built-in task is not shown to beat it",
}


def summary(part: dict) -> str:
    s = part["separation"]
    lines = [
        f"{part['task']}: {s['choices']} choices x {s['seeds']} seeds; best {choice(s['best'])} {percent(s['best_accuracy'])}, "
        f"worst {choice(s['worst'])} {percent(s['worst_accuracy'])}, spread {100 * s['spread']:.1f} points"
    ]
    if "icc" in s:
        lines.append(
            f"  reliability of one run (ICC) {s['icc']:.2f}, among the ten best {s['icc_top']:.2f}; seed SD {100 * s['seed_sd']:.2f} points; "
            f"tau between seeds {s['tau_between_seeds']:.2f}"
        )
    if "transfer" in part:
        t = part["transfer"]
        ceiling = "unknown" if t["ceiling"] is None else f"{t['ceiling']:.2f}"
        lines += [
            f"  Kendall's tau with the built-in task {t['tau']:.2f} (95 % interval {t['interval'][0]:.2f} to {t['interval'][1]:.2f}); "
            f"noise ceiling {ceiling}",
            f"  null from all relabellings of the layers: mean {t['null_mean']:.2f}, 95 % quantile {t['null_95']:.2f}, "
            f"share at least as high {t['null_share_at_least']:.3f}",
            f"  trivial predictor (sum of layer numbers, lower is better): tau {t['trivial']:.2f} here, {t['trivial_built_in']:.2f} on the "
            f"built-in task; the built-in task's tau minus it {t['advantage']:+z.2f} ({t['advantage_interval'][0]:+z.2f} to "
            f"{t['advantage_interval'][1]:+z.2f}): " + VERDICTS[t["verdict"]],
        ]
    return "\n".join(lines)
