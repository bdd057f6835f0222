"""A comparison as one HTML file for paper: figures inside it, no script, nothing from a network, two pages of A4 at most."""

import shlex
from collections.abc import Sequence
from html import escape

from core.findings.names import pair_text
from core.findings.versus import Pair, Side, pair_findings
from core.recipe import BUNDLES, Optimiser, Recipe, bundle
from core.views.common.saved_options import training_text
from core.views.common.text import layers_text, percent, shortened
from core.views.compare import svg as compare_svg
from core.views.compare.results import METRICS, form, groups, noise_text, summary

LONGEST, CONCLUSION = 80, 400  # characters of any text that a user wrote, and of a conclusion
MOST_RUNS = 4  # ids shown of an entry
MOST_GROUPS, GROUP = 18, 40  # rows, and characters of a name
IN_TABLE = ("accuracy, mean over seeds", "before training", "loss", "macro F1", "agreement with the teacher", "parameters")
SECURE = "default-src 'none'; style-src 'unsafe-inline'"
STYLE = """
@page { size: A4; margin: 12mm; }
* { box-sizing: border-box; }
body { font: 8.5pt/1.25 Helvetica, Arial, sans-serif; color: #111; background: #fff; max-width: 186mm; margin: 0 auto; overflow-wrap: anywhere; }
h1 { font-size: 14pt; margin: 0 0 1mm; } h2 { font-size: 10pt; margin: 3mm 0 1mm; } p, ul { margin: 0 0 1mm; } ul { padding-left: 4mm; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: 0.3mm 1.5mm; border-bottom: 0.2mm solid #c5ccd4; }
th { font-weight: 600; } td:not(:first-child), th { overflow-wrap: normal; }
svg { width: 100%; display: block; } svg text { font: 9px Helvetica, Arial, sans-serif; fill: #111; }
code { font: 7.5pt monospace; } svg, tr, li { break-inside: avoid; } h2 { break-after: avoid; } .quiet { color: #444; }
"""


def handout(found: Sequence[Side], pairs: Sequence[Pair], title: str = "", author: str = "", predicted: Sequence[str] = (),
            conclusion: str = "") -> str:
    """Return the file's text. title, author, conclusion: what the user wants to stand on it; like every name it is shown, never obeyed.

    predicted: what the learner predicted of the entries, a line each.
    """
    recipe = found[0].run["recipe"]
    heading = short(title) or "Students seeded from different teacher layers"
    below = " · ".join(filter(None, (short(pair_text(recipe["teacher"], recipe["task"])), short(author) and f"by {short(author)}", "Layer Lab")))
    sections = [
        f"<h1>{escape(heading)}</h1><p class='quiet'>{escape(below)}</p>",
        f"<p>{escape(intro(found))}</p>",
        _section("Predicted before the runs", "".join(f"<p>{escape(short(line, CONCLUSION))}</p>" for line in predicted)),
        _section("Accuracy", compare_svg.dots(found) + f"<p class='quiet'>{escape(noise_text(found))}</p>"),
        _section("What the differences are worth", _findings(pairs)) if pairs else "",
        _section("Conclusion", f"<p>{escape(short(conclusion, CONCLUSION))}</p>" if conclusion.strip() else ""),
        _section("Figures", _figures(found)),
        _section("Training, on one scale", compare_svg.curves(found)),
        _section("Accuracy by group, in percent", _groups(found)),
        _section("To repeat it", _recipes(found)),
    ]
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{SECURE}">'
        f"<title>{escape(heading)}</title><style>{STYLE}</style></head><body><main>{''.join(sections)}</main></body></html>\n"
    )


def short(text: str, most: int = LONGEST) -> str:
    """Foreign text on one line, cut where it is longer."""
    return shortened(" ".join(text.split()), most)


def letter(name: str) -> str:
    """'A' of 'A (layers 1, 3, 5)'."""
    return name.partition(" ")[0]


def intro(found: Sequence[Side]) -> str:
    teacher = found[0].run["teacher"]
    return (
        f"{len(found)} student{'s' if len(found) != 1 else ''} of a teacher with {teacher['layers']} layers, layer 1 nearest the input; the teacher "
        f"gets {percent(teacher['accuracy'])}. Small gaps are noise: two students differ only where the gap exceeds it."
    )


def _section(title: str, inner: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{inner}</section>" if inner else ""


def _findings(pairs: Sequence[Pair]) -> str:
    items = "".join(f"<li>{escape(finding.sentence)}</li>" for finding in pair_findings(pairs))
    return f"<p><b>{escape(summary(pairs))}</b></p><ul>{items}</ul>"


def _figures(found: Sequence[Side]) -> str:
    rows = [[side.name, str(len(side.own)), *(form(name, METRICS[name](side)) for name in IN_TABLE)] for side in found]
    return _table(["entry", "seeds", *IN_TABLE], rows)


def _groups(found: Sequence[Side]) -> str:
    rows, names, cells = groups(found)
    if not rows:
        return ""
    values = {(cell["row"], cell["group"]): f"{100 * cell['accuracy']:.0f}" for cell in cells}
    heads = [row if row == "teacher" else letter(row) for row in rows]
    left_out = f"<p class='quiet'>{len(names) - MOST_GROUPS} more groups are left out.</p>" if len(names) > MOST_GROUPS else ""
    return _table(["group", *heads], [[short(name, GROUP), *(values[row, name] for row in rows)] for name in names[:MOST_GROUPS]]) + left_out


def _recipes(found: Sequence[Side]) -> str:
    items = []
    for side in found:
        run, recipe = side.run, Recipe.from_dict(side.run["recipe"])
        seeds = ", ".join(str(one["recipe"]["seed"]) for one in side.own[: 3 * MOST_RUNS])
        ids = ", ".join(one["id"] for one in side.own[:MOST_RUNS]) + (", …" if len(side.own) > MOST_RUNS else "")
        items.append(
            f"<li>{escape(side.name)}: {escape(recipe.objective.name)}, {escape(training_text(run['recipe']))}, seeds {escape(seeds)}; "
            f"runs {escape(ids)}.<br><code>{escape(command(recipe))}</code></li>"
        )
    return f"<ul>{''.join(items)}</ul><p class='quiet'>{escape(versions(found))}</p>"


def command(recipe: Recipe) -> str:
    """Return what makes the run again on the command line; a recipe that the options do not say is read from a file of its JSON."""
    said = ["--teacher", recipe.teacher, "--task", recipe.task, "--layers", layers_text(recipe.layers).replace(" ", "")]
    said += ["--objective", recipe.objective.name, "--seed", str(recipe.seed)]
    said += ["--steps", str(recipe.budget.steps)] if recipe.budget.steps else ["--epochs", str(recipe.budget.epochs)]
    said += ["--examples", str(recipe.budget.examples)] if recipe.budget.examples else []
    said += ["--labels", str(recipe.labels.kept)] if recipe.labels.kept is not None else []
    said += ["--wrong-labels", f"{recipe.labels.wrong:g}"] if recipe.labels.wrong else []
    usual, given = Optimiser(), recipe.optimiser
    for name in ("learning_rate", "batch_size", "weight_decay", "warmup", "clip", "precision"):
        if getattr(given, name) != getattr(usual, name):
            said += [f"--{name.replace('_', '-')}", str(getattr(given, name))]
    flags = {
        "--freeze-embeddings": given.freeze_embeddings, "--fresh-embeddings": not recipe.seeding.copy_embeddings,
        "--fresh-head": recipe.seeding.fresh_head, "--untrained-layers": recipe.seeding.untrained_layers, "--allow-repeats": recipe.allow_repeats,
    }
    said += [flag for flag, wanted in flags.items() if wanted]
    if recipe.objective.name not in BUNDLES or bundle(recipe.objective.name) != recipe.objective:
        said = ["--recipe", f"{recipe.id}.json"]
    return f"python -m core distill {shlex.join(said)}"


def versions(found: Sequence[Side]) -> str:
    """Return what the runs shown were made with; each once."""
    by_text: dict[str, list[str]] = {}
    for side in found:
        where = side.run.get("environment") or {}
        parts = [f"{name} {version}" for name, version in (where.get("versions") or {}).items()]
        parts += [str(where[name]) for name in ("device_name", "dtype") if where.get(name)] + ([f"code {where['code']}"] if where.get("code") else [])
        by_text.setdefault(", ".join(parts) or "not recorded", []).append(letter(side.name))
    first = found[0].run
    made = "; ".join(f"{', '.join(letters)} with {text}" for text, letters in by_text.items())
    return f"Made: {made}. Teacher's weights {first['teacher']['hash']}, data {first['task_hash']}."


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f"<th scope='col'>{escape(one)}</th>" for one in heads)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
