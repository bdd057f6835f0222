"""Where a choice stands among the saved ones of its budget, and beside its neighbours: better only where the gap exceeds noise."""

from core.findings.evidence import Evidence, swapped
from core.findings.explanation.comparisons import Verdict, settling
from core.findings.finding import Finding, names, write
from core.findings.names import budget_name, choice_name
from core.statistics.noise import LEAST_DF, mean_accuracy, pooled

NEXT = "the landscape of every saved choice"
SWAPS, SIZES = "the neighbours of this choice in the landscape", "choices of other sizes in the landscape"
WORDS = {"higher": "better than", "lower": "worse than"}


def rank_findings(evidence: Evidence, verdicts: dict[tuple, Verdict]) -> list[Finding]:
    """Rank the choice among all saved choices, against each preset, and against untrained layers."""
    if not evidence.others:
        template = f"No other choice of {{k}} layer{'s' * (evidence.k != 1)} is saved for this teacher and task with {{budget}} and these settings, "
        template += "so the place of {choice} is unknown."
        return [write("standing", template, choice_figures(evidence), [run["id"] for run in evidence.own], "unknown", NEXT)]
    found = [against_all_choices(evidence, verdicts)]
    if evidence.noise.known:
        found += against_presets(evidence, verdicts)
        found += [against_control(evidence, verdicts)] if evidence.control else []
    return found


def choice_figures(evidence: Evidence) -> dict:
    """Return figures that name the choice and say what is measured of it. own_sd is shown and never tested with."""
    accuracies = [run["final"]["accuracy"] for run in evidence.own]
    figures = {
        "choice": choice_name(evidence.choice, evidence.teacher_layers), "layers": list(evidence.choice), "k": evidence.k,
        "budget": budget_name(evidence.run), "steps": evidence.run["steps_planned"], "epochs": evidence.run["recipe"]["budget"].get("epochs"),
        "mean": mean_accuracy(evidence.own), "seeds": len(evidence.own), "own_sd": pooled([accuracies]).sd,
        "seed_sd": evidence.noise.sd, "seed_df": evidence.noise.df, "least_df": LEAST_DF, "level": 0.95,
    }
    if not evidence.noise.known:
        return figures
    half = evidence.noise.half_width(len(accuracies))
    return figures | {"low": figures["mean"] - half, "high": figures["mean"] + half}


def against_all_choices(evidence: Evidence, verdicts: dict[tuple, Verdict]) -> Finding:
    """Write one sentence on all choices, one on the best of the others."""
    figures = choice_figures(evidence)
    words = [verdicts["choice", choice].word for choice in evidence.others]
    figures |= {"others": len(words), "better_than": words.count("higher"), "worse_than": words.count("lower"), "ties": words.count("tie")}
    figures |= {"choices": len(words) + 1, "first_place": 1 + figures["worse_than"]}
    figures["last_place"] = figures["choices"] - figures["better_than"]
    best = evidence.best
    gap = verdicts["choice", best]
    figures |= {"best": choice_name(best, evidence.teacher_layers), "best_layers": list(best), "best_mean": mean_accuracy(evidence.others[best])}
    figures |= gap.figures("best")
    runs = [run["id"] for group in (evidence.own, *evidence.others.values()) for run in group]
    one = len(evidence.own) == 1
    averaged = " averaged {mean:percent} over {seeds} runs, this one among them"
    opening = "With {budget}, {choice}" + (" reached {mean:percent} in one run" if one else averaged)
    if not evidence.noise.known:
        template = opening + (
            "; too few of the saved choices have several seeds to know the noise between seeds ({seed_df} degrees of freedom, {least_df} are "
            "needed), so the {others} other choices are not ranked."
        )
        return write("standing", template, figures, runs, "unknown", NEXT)
    opening += " ({level:whole} interval over seeds {low:percent} to {high:percent}): "
    if figures["ties"] == figures["others"]:
        every = "the one other saved choice" if figures["others"] == 1 else "every one of the {others} other saved choices"
        template = opening + f"a tie with {every}."
        return write("standing", template + _best(figures, gap), figures, runs, "tie", NEXT)
    word = "better" if figures["better_than"] else "worse"
    if figures["others"] == 1:
        template = opening + word + " than the one other saved choice"
    elif figures["others"] in (figures["better_than"], figures["worse_than"]):
        template = opening + word + " than every one of the {others} other saved choices"
    else:
        template = opening + "better than {better_than} of {others} other saved choices, worse than {worse_than}, a tie with {ties}"
    template += "; place {first_place}" + (" of {choices}." if figures["first_place"] == figures["last_place"] else " to {last_place} of {choices}.")
    return write("standing", template + _best(figures, gap), figures, runs, "clear", NEXT)


def _best(figures: dict, gap: Verdict) -> str:
    """On the other choice with the highest mean; for a tie, the seeds that would settle it."""
    figures["best_verdict_words"] = {"higher": "clearly lower", "lower": "clearly higher", "tie": "a tie"}[gap.word]
    text = " The best other mean is {best_mean:percent}, {best}: {best_verdict_words}"
    return text + (settling(figures, gap) if gap.word == "tie" else ".")


def against_presets(evidence: Evidence, verdicts: dict[tuple, Verdict]) -> list[Finding]:
    """Compare with each preset that is saved, in the words better, worse and tie."""
    figures = {"k": evidence.k, "choice": choice_name(evidence.choice, evidence.teacher_layers), "layers": list(evidence.choice)}
    said: dict[str, list[str]] = {"higher": [], "lower": [], "tie": []}
    ties, runs = [], [run["id"] for run in evidence.own]
    for name, choice in evidence.presets().items():
        verdict = verdicts.get(("choice", choice))
        if verdict is None:
            continue
        key = name.replace("-", "_")
        figures |= verdict.figures(key) | {f"{key}_preset": choice_name(choice, evidence.teacher_layers), f"{key}_layers": list(choice)}
        said[verdict.word].append(f"{{{key}_preset}} by {{{key}_difference:points}}" if verdict.word in WORDS else f"{{{key}_preset}}")
        ties += [(abs(verdict.comparison.difference), key, verdict)] if verdict.word == "tie" else []
        runs += [run["id"] for run in evidence.others[choice]]
    if not any(said.values()):
        return []
    parts = [f"{words} {names(said[word])}" for word, words in WORDS.items() if said[word]]
    parts += [f"a tie with {names(said['tie'])}"] if said["tie"] else []
    template = f"Against the presets, {{choice}}: {'; '.join(parts)}."
    if ties:
        _, key, verdict = max(ties)
        which = "The widest of these ties" if len(ties) > 1 else "That tie"
        template += f" {which} is {{{key}_difference:points}} wide" + settling(figures, verdict)
    return [write("presets", template, figures, runs, "clear" if said["higher"] or said["lower"] else "tie", NEXT)]


def against_control(evidence: Evidence, verdicts: dict[tuple, Verdict]) -> Finding:
    """Measure what copying layers is worth, against the same student with untrained layers."""
    verdict = verdicts["control",]
    figures = {"control_mean": mean_accuracy(evidence.control), "control_runs": len(evidence.control), "mean": mean_accuracy(evidence.own)}
    figures |= verdict.figures("control")
    runs = [run["id"] for run in (*evidence.own, *evidence.control)]
    if verdict.word == "tie":
        template = "A tie with untrained layers ({control_mean:percent}): that copying these layers helps is not shown"
        template, strength = template + settling(figures, verdict), "tie"
    else:
        figures["than"] = WORDS[verdict.word]
        template, strength = "This choice is {than} untrained layers ({control_mean:percent}) by {control_difference:points}", "clear"
        template += ": that is what copying these layers is worth here." if verdict.word == "higher" else "."
    return write("control", template, figures, runs, strength, "the control's own runs, in the landscape")


def one_swap(evidence: Evidence, verdicts: dict[tuple, Verdict]) -> list[Finding]:
    """Name the neighbours that would gain and lose most; one sentence each where the gap exceeds noise, one for both where neither does."""
    near = [other for other in evidence.others if swapped(evidence.choice, other)]
    if not near or verdicts["choice", near[0]].word == "unknown":
        return []
    gain = min(near, key=lambda choice: verdicts["choice", choice].comparison.difference)
    loss = max(near, key=lambda choice: verdicts["choice", choice].comparison.difference)
    ends = ((gain, "lower", "gain most: {gain:points} more"), (loss, "higher", "lose most: {gain:points} less"))
    beyond = [(choice, what) for choice, word, what in ends if verdicts["choice", choice].word == word]
    if not beyond:
        figures, runs = swap_figures(evidence, verdicts, gain, len(near))
        template = "No saved swap of one layer is clearly better or worse. The highest of {neighbours}, {swap}, is a tie"
        if len(near) == 1:
            template = "The one saved swap of one layer, {swap}, is a tie"
        return [write("swap", template + settling(figures, verdicts["choice", gain]), figures, runs, "tie", SWAPS)]
    findings = []
    for choice, what in beyond:
        template = f"Of {{neighbours}} saved swaps of one layer, {{swap}} would {what}."
        if len(near) == 1:
            template = f"The one saved swap of one layer, {{swap}}, would {what.replace(' most', '')}."
        findings.append(write("swap", template, *swap_figures(evidence, verdicts, choice, len(near)), "clear", SWAPS))
    return findings


def swap_figures(evidence: Evidence, verdicts: dict[tuple, Verdict], other, near: int) -> tuple[dict, list[str]]:
    out, into = swapped(evidence.choice, other)
    verdict = verdicts["choice", other]
    figures = {
        "out": out, "into": into, "swap": f"layer {into} for layer {out}", "swap_layers": list(other),
        "neighbours": near, "gain": -verdict.comparison.difference, "swap_mean": mean_accuracy(evidence.others[other]),
    }
    return figures | verdict.figures("swap"), list(verdict.comparison.runs)


def capacity(evidence: Evidence, verdicts: dict[tuple, Verdict]) -> list[Finding]:
    """Compare with the best of the saved choices with one layer more, and with one fewer: one sentence each."""
    found = []
    for k, change in ((evidence.k + 1, "more"), (evidence.k - 1, "fewer")):
        same = {key[1]: verdict for key, verdict in verdicts.items() if key[0] == "size" and len(key[1]) == k}
        found += [size_finding(evidence, same, change)] if same else []
    return found


def size_finding(evidence: Evidence, same: dict, change: str) -> Finding:
    choice = min(same, key=lambda one: same[one].comparison.difference)  # the one that this choice falls furthest behind
    verdict = same[choice]
    figures = {
        "size_layers": list(choice), "saved": len(same), "size_mean": mean_accuracy(evidence.sizes[len(choice)][choice]),
        "gain": -verdict.comparison.difference, "change": change,
    } | verdict.figures("size")
    template = "One layer {change} ({size_layers:layers}) "
    if verdict.word == "unknown":
        template, strength = template + "averages {size_mean:percent}; the noise between seeds is unknown, so the gap is not judged.", "unknown"
    elif verdict.word == "tie":
        end = "room for more layers is not shown to be what it lacks." if change == "more" else "the layer is not shown to be needed."
        template, strength = template + "averages {size_mean:percent}, a tie: " + end, "tie"
    else:
        template += "averages {size_mean:percent}, {gain:points} " + ("more" if verdict.word == "lower" else "less") + "."
        strength = "clear"
    return write("capacity", template, figures, verdict.comparison.runs, strength, SIZES)
