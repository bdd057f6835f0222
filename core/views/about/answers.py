"""Six answers that the saved runs give, each with a picture, at most two sentences, and where to try it. Every figure is read, none is typed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.figures.choice_colour import choice_colour
from core.findings.evidence import UNTRAINED
from core.findings.landscape import Landscape, short_run_truth
from core.findings.names import budget_name, pair_text
from core.findings.two_landscapes import compare_settings, shared_order
from core.recipe import RUNGS, count_of_layers, preset
from core.statistics.holm import LEVEL
from core.statistics.verdict import HIGHER, LOWER, UNKNOWN, Verdict, judged_together
from core.views.common.choice import Choice, choice_query
from core.views.common.text import layers_text, percent
from core.views.guide.saved import Saved
from core.views.guide.steps import KEY, LEADS, WINS

SIZE, SHORT, OTHER = 3, "240", "sick"  # layers of the students; the rung of the short runs; the other task
DEEP = {"view": "researcher"}


@dataclass(frozen=True)
class Picture:
    """rows: of `answer_dots`, or with two columns of `answer_slope`. differences: the rows are differences in accuracy."""

    rows: tuple[dict, ...]
    columns: tuple[str, str] | None = None
    differences: bool = False


@dataclass(frozen=True)
class Answer:
    """sentences: two at most. page: the address of the page where it can be tried, '' for the Lab. label: of the link; query: its values."""

    question: str
    sentences: tuple[str, ...]
    picture: Picture
    page: str
    label: str
    query: dict[str, str]


def answers(found: Sequence[Landscape]) -> list[Answer]:
    """Return the answers that the landscapes of the saved runs give; one whose runs are missing is left out."""
    saved = Saved(found)
    full = saved.of(SIZE)
    if full is None:
        return []
    made = []
    for answer in ANSWERS:
        try:
            made.append(answer(full, saved))
        except KeyError:  # a choice that is not saved
            continue
    return [one for one in made if one is not None]


def basis(found: Sequence[Landscape]) -> str:
    """Say which runs the answers rest on, where an answer names no others."""
    full = Saved(found).of(SIZE)
    if full is None:
        return ""
    seeds = [len(runs) for runs in full.runs.values()]
    runs = f"{min(seeds)} to {max(seeds)}" if min(seeds) < max(seeds) else f"{seeds[0]}"
    return (f"Students with {count_of_layers(full.k)} of {pair_text(*full.pair)}, trained for {budget_name(full.one)}: accuracy on test examples, "
            f"means of {runs} runs. The bar around a point holds the true mean with {percent(1 - LEVEL, 0)} certainty, as far as these runs tell.")


def copied(full: Landscape, saved: Saved) -> Answer:
    verdicts = full.judge([(choice, UNTRAINED) for choice in full.choices])
    above, unknown = counted(verdicts, HIGHER), len(verdicts) - counted(verdicts, HIGHER) - counted(verdicts, LOWER)
    worst = min(full.choices, key=full.means.get)
    few = f", and for {unknown} the runs are too few to tell" if unknown else ""
    yes = "Yes" if above > len(verdicts) / 2 else "Not in most cases"
    return Answer(
        "Does it matter that layers are copied?",
        (f"{yes}: {above} of {len(verdicts)} choices end above untrained layers{few}.",
         f"The best choice reaches {percent(full.means[full.best])}, untrained layers {percent(full.means[UNTRAINED])}."),
        Picture((dot(full, full.best, "Best: ", "good"), dot(full, worst, "Lowest: ", "bad"), dot(full, UNTRAINED, "", "level"), *one_label(full))),
        "compare", "Compare with untrained layers", {},
    )


def which(full: Landscape, saved: Saved) -> Answer:
    last, may = preset("last-k", full.layers, full.k), len(full.can_be_best)
    shown = full.best != last and full.beside_best(last).clear
    open_ = f"but {may} of {len(full.choices)} choices may still be the best" if may > 1 else "and no other choice may still be the best"
    end = "are shown to be worse" if shown else "are not shown to be worse"
    rows = [dot(full, choice, f"{title}: ", kind) for title, choice, kind in (
        ("Best", full.best, "good"), ("Nearest the input", preset("first-k", full.layers, full.k), "level"), ("Nearest the output", last, "bad"))]
    return Answer(
        "Which layers are best?",
        (f"Layers {layers_text(full.best)} have the highest mean, {percent(full.means[full.best])}, {open_}.",
         f"Layers {layers_text(last)}, nearest the output, {end} ({percent(full.means[last])})."),
        Picture(tuple(rows)), "landscape", "See every choice", {},
    )


def spacing(full: Landscape, saved: Saved) -> Answer:
    spread, even = preset("spread", full.layers, full.k), preset("even", full.layers, full.k)
    verdict = full.judge([(spread, even)])[0]
    gap = f"{abs(100 * verdict.comparison.difference):.1f} points"
    end = f"The gap of {gap} is larger than chance explains." if verdict.clear else f"Chance alone may explain the gap of {gap}."
    return Answer(
        "Is even spacing a safe choice?",
        (f"{'No' if verdict.clear else 'That is open'}: layers {layers_text(spread)} and {layers_text(even)} are both spread evenly, and reach "
         f"{percent(full.means[spread])} and {percent(full.means[even])}.", end),
        Picture((dot(full, even, "Evenly spread: ", "good"), dot(full, spread, "Evenly spread: ", "bad"))),
        "", f"Try layers {layers_text(spread)} in the Lab", choice_query(Choice(layers=spread)),
    )


def soft_targets(full: Landscape, saved: Saved) -> Answer | None:
    """Compare runs with and without soft targets, all choices judged together; the control is no choice."""
    labels = saved.of(SIZE, objective="cross-entropy")
    both = compare_settings(labels, full) if labels else None
    if both is None:
        return None
    choices = [choice for choice in both.comparisons if choice != UNTRAINED]
    verdicts = judged_together([both.comparisons[choice] for choice in choices])
    known = [one for one in verdicts if one.known]
    higher, lower = counted(verdicts, HIGHER), counted(verdicts, LOWER)
    if higher or lower:
        first = f"With soft targets {higher} of {len(choices)} choices end higher than with labels alone, and {lower} lower."
    else:
        first = f"No difference was found: in none of {len(choices)} choices do soft targets show a gain or a loss."
    far = sorted(one.far for one in known)
    if not far:
        second = "Too few runs were made to tell how wide a gap may be."
    elif len(far) == counted(verdicts, UNKNOWN):
        width = f"{100 * far[0]:.0f} to {100 * far[-1]:.0f} points"
        second = f"That does not mean equal: in so few runs a gap of {width} can hide, depending on the choice."
    else:
        second = f"The runs are few, so the true gap of a choice may be as wide as {100 * far[-1]:.0f} points."
    rows = tuple(
        {"name": f"Layers {layers_text(choice)}", "value": one.comparison.difference, "kind": "level" if not one.clear else "good",
         "low": float(one.interval[0]) if one.interval else None, "high": float(one.interval[1]) if one.interval else None}
        for choice, one in zip(choices, verdicts, strict=True)
    )
    return Answer("Do soft targets help here?", (first, second), Picture(rows, differences=True), "", "Train from labels alone in the Lab",
                  choice_query(Choice(layers=full.best, objective="cross-entropy")))


def short_runs(full: Landscape, saved: Saved) -> Answer | None:
    short = saved.of(SIZE, SHORT)
    truth = short_run_truth(short, full) if short else None
    if truth is None or truth.agreement is None:
        return None
    steps, clear = RUNGS[SHORT].steps, round(truth.pairs * (1 - truth.ties))
    right = round(truth.agreement * clear)
    turned = right - round(truth.agreement_interval[0] * clear) if truth.agreement_interval else 0
    chance = f", though chance could turn {turned} of them" if turned else ""
    ahead, end = short.means[LEADS] > short.means[WINS], full.judge([(LEADS, WINS)])[0].word
    (a, b), (c, d) = (tuple(percent(one.means[choice]) for choice in (LEADS, WINS)) for one in (short, full))
    ends = {LOWER: "lose in full", HIGHER: "win in full"}.get(end, "are not told apart in full")
    crossing = (f"{'But layers' if ahead and end == LOWER else 'Layers'} {layers_text(LEADS)} {'lead' if ahead else 'trail'} {layers_text(WINS)} "
                f"after {steps} steps ({a} to {b}) and {ends} ({c} to {d}).")
    return Answer(
        "Does a short run tell the full one?",
        (f"Of the {clear} pairs of choices that full runs tell apart, {right} stand in the same order after {steps} steps{chance}.", crossing),
        Picture(slope(full.layers, (short, full), (f"{steps} steps", "full run")), (f"{steps} steps", "full run")),
        "", "See it in the guided start", {KEY: "5"},
    )


def another_task(full: Landscape, saved: Saved) -> Answer | None:
    other = saved.of(SIZE, task=OTHER)
    shared = shared_order(full, other) if other else None
    if shared is None or not shared.both:
        return None
    here, there = (one.judge([(LEADS, WINS)])[0].word for one in (full, other))
    flipped = {here, there} == {HIGHER, LOWER}
    (a, b), (c, d) = (tuple(percent(one.means[choice]) for choice in (WINS, LEADS)) for one in (full, other))
    wins, leads, beat = layers_text(WINS), layers_text(LEADS), {LOWER: "beat", HIGHER: "lose to"}
    order = f"of {shared.both} pairs of choices that both tasks tell apart, {shared.alike} stand in the same order."
    if flipped:
        told = (f"Not always: layers {wins} {beat[here]} {leads} on the built-in task ({a} to {b}), and {beat[there]} them on SICK ({c} to {d}).",
                f"Still, {order}" if 2 * shared.alike > shared.both else f"And {order}")
    else:
        told = (f"O{order[1:]}", f"Layers {wins} and {leads} reach {a} and {b} on the built-in task, {c} and {d} on SICK.")
    columns = ("built-in", "SICK")
    return Answer(
        "Does the best choice carry over to another task?",
        told,
        Picture(slope(full.layers, (full, other), columns), columns), "landscape", "Compare tasks in the landscape", DEEP,
    )


ANSWERS: tuple[Callable[[Landscape, Saved], Answer | None], ...] = (copied, which, spacing, soft_targets, short_runs, another_task)


def counted(verdicts: Sequence[Verdict], word: str) -> int:
    return sum(one.word == word for one in verdicts)


def dot(one: Landscape, choice: tuple[int, ...], before: str, kind: str) -> dict:
    """Return a row of the picture. before: what stands before the choice's name."""
    low, high = one.interval(choice) or (None, None)
    name = f"layers {layers_text(choice)}" if choice else "untrained layers"
    text = f"{before}{name}" if before else name.capitalize()
    return {"name": text, "value": one.means[choice], "kind": kind, "low": low and float(low), "high": high and float(high)}


def one_label(one: Landscape) -> list[dict]:
    majority = one.one.get("majority")
    return [] if majority is None else [{"name": "Always one label", "value": majority, "kind": "level", "low": None, "high": None}]


def slope(layers: int, sides: tuple[Landscape, Landscape], columns: tuple[str, str]) -> tuple[dict, ...]:
    return tuple(
        {"line": layers_text(choice), "column": column, "value": one.means[choice], "colour": choice_colour(choice, layers)}
        for choice in (LEADS, WINS) for one, column in zip(sides, columns, strict=True)
    )
