"""Report how well the built-in task separates layer choices, and whether its ranking carries over to a real task."""

from pathlib import Path

from core.commands.output import answer, choice, percent
from core.errors import LabError
from core.findings.landscape import fullest, landscapes
from core.findings.validity import by_choice, separation, transfer
from core.store.saved import read


def add(parser) -> None:
    parser.add_argument("files", nargs="+", help="sweep files: the built-in task's first, then the real tasks'")


def run(args) -> None:
    found = {name: read(Path(name)) for name in args.files}
    for name, records in found.items():
        if not records:
            raise LabError(f"The file {name} holds no finished runs; run the sweep that makes it first.")
    built_in, *_ = ones = [fullest(landscapes(records)) for records in found.values()]
    report = {
        name: {"task": one.pair[1], "separation": separation(by_choice(records))} | ({} if one is built_in else {"transfer": transfer(built_in, one)})
        for (name, records), one in zip(found.items(), ones, strict=True)
    }
    answer(args, report, lambda: "\n".join(map(summary, report.values())))


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
    return "\n".join([*lines, *(beside(part["transfer"]) if part.get("transfer") else [])])


def beside(found: dict) -> list[str]:
    """Return what is said of the order of one task beside that of the built-in one."""
    span = lambda name: "" if found[name] is None else " ({:.2f} to {:.2f})".format(*found[name])
    told = ["none (one seed)" if count is None else count for count in found["told"]]
    lines = [f"  of {found['pairs']} pairs of choices the built-in task tells {told[0]} apart, this one {told[1]}, both {found['both']}; "
             f"{found['alike']} of these stand in the same order"]
    if found["tau"] is None:
        lines.append("  one of the two tells hardly a pair apart, so there is no order to compare")
    else:
        lines += [
            f"  Kendall's tau with the built-in task {found['tau']:.2f}{span('interval')}; one same order would reach {found['ceiling']:.2f}"
            f"{span('ceiling_range')}",
            f"  null from all relabellings of the layers: mean {found['null_mean']:.2f}, 95 % quantile {found['null_95']:.2f}, "
            f"share at least as high {found['null_share_at_least']:.3f}",
        ]
    return [*lines, f"  tau of the sum of layer numbers, lower is better: {found['trivial']:.2f}{span('trivial_interval')} here, "
                    f"{found['trivial_built_in']:.2f} on the built-in task"]
