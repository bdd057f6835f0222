"""Where a choice stands among the saved ones of its budget, and beside its neighbours: better only where the gap exceeds noise."""

from core.findings.evidence import Evidence, swapped
from core.findings.finding import Finding, names, write
from core.findings.names import budget_name, choice_name
from core.findings.words import TOO_FEW, few, no_noise, no_wider, wanted
from core.statistics.collapse import collapsed
from core.statistics.noise import LEAST_DF, mean_accuracy, pooled
from core.statistics.verdict import EQUAL, Verdict

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
    if evidence.noises[evidence.k][evidence.choice].known:
        found += against_presets(evidence, verdicts)
        found += [against_control(evidence, verdicts)] if evidence.control else []
    return found


def choice_figures(evidence: Evidence) -> dict:
    """Return figures that name the choice and say what is measured of it. own_sd: of its seeds; used_sd: what it is tested with."""
    accuracies = [run["final"]["accuracy"] for run in evidence.own]
    figures = {
        "choice": choice_name(evidence.choice, evidence.teacher_layers), "layers": list(evidence.choice), "k": evidence.k,
        "budget": budget_name(evidence.run), "steps": evidence.run["steps_planned"], "epochs": evidence.run["recipe"]["budget"].get("epochs"),
        "mean": mean_accuracy(evidence.own), "seeds": len(evidence.own), "collapsed": sum(map(collapsed, evidence.own)),
        "own_sd": pooled([accuracies]).sd, "used_sd": evidence.noises[evidence.k][evidence.choice].sd, "seed_sd": evidence.noise.sd,
        "seed_df": evidence.noise.df, "least_df": LEAST_DF, "level": 0.95,
    }
    low, high = evidence.interval(evidence.choice) or (None, None)
    return figures if low is None else figures | {"low": low, "high": high}


def reached(evidence: Evidence, figures: dict) -> str:
    """Return 'With 3 epochs, layers 1, 3, 5 averaged 61.0 % over 3 runs, this one among them', as a template. A collapsed run is counted by name."""
    one = figures["seeds"] == 1
    averaged = " averaged {mean:percent} over {seeds} runs, this one among them"
    text = "With {budget}, {choice}" + (" reached {mean:percent} in one run" if one else averaged)
    if figures["collapsed"] and not one:
        rest = [run["final"]["accuracy"] for run in evidence.own if not collapsed(run)]
        figures |= {"rest_mean": sum(rest) / len(rest)} if rest else {}
        text += ", and {collapsed} of them collapsed" + (" (without: {rest_mean:percent})" if rest else "")
    return text


def against_all_choices(evidence: Evidence, verdicts: dict[tuple, Verdict]) -> Finding:
    """Write one sentence on all choices, one on the best of the others."""
    figures = choice_figures(evidence)
    words = [verdicts["choice", choice].word for choice in evidence.others]
    figures |= {"others": len(words), "better_than": words.count("higher"), "worse_than": words.count("lower")}
    figures |= {"alike": words.count("within"), "untold": words.count("unknown"), "choices": len(words) + 1, "first_place": 1 + figures["worse_than"]}
    figures["last_place"] = figures["choices"] - figures["better_than"]
    best = evidence.best
    gap = verdicts["choice", best]
    figures |= {"best": choice_name(best, evidence.teacher_layers), "best_layers": list(best), "best_mean": mean_accuracy(evidence.others[best])}
    figures |= gap.figures("best")
    runs = [run["id"] for group in (evidence.own, *evidence.others.values()) for run in group]
    opening = reached(evidence, figures)
    if not evidence.noises[evidence.k][evidence.choice].known:
        template = opening + f"; its place among the {{others}} other saved choices: {no_noise(figures, evidence.noise)}."
        return write("standing", template, figures, runs, "unknown", NEXT)
    opening += " ({level:whole}: {low:percent} to {high:percent}): "
    if figures["untold"] == figures["others"]:
        others = "the one other saved choice" if figures["others"] == 1 else "any of the {others} other saved choices"
        return write("standing", f"{opening}{TOO_FEW} it from {others}." + _best(figures, gap), figures, runs, "unknown", NEXT)
    strength = "clear" if figures["better_than"] or figures["worse_than"] else "within"
    template = opening + said_of(figures) + "; place {first_place}"
    template += " of {choices}." if figures["first_place"] == figures["last_place"] else " to {last_place} of {choices}."
    return write("standing", template + _best(figures, gap), figures, runs, strength, NEXT)


def said_of(figures: dict) -> str:
    """Return 'better than 4 of 19 other saved choices, worse than 2; for 13 the runs are too few to tell', as a template."""
    counts = {name: figures[name] for name in ("better_than", "worse_than", "alike", "untold")}
    words = {"better_than": "better than", "worse_than": "worse than", "alike": f"within {100 * EQUAL:g} points of", "untold": TOO_FEW + " for"}
    whole = "the one other saved choice" if figures["others"] == 1 else "every one of the {others} other saved choices"
    said = [f"{words[name]} {whole}" if count == figures["others"] else f"{words[name]} {{{name}}}" for name, count in counts.items() if count]
    return ", ".join(said) + ("" if figures["others"] in counts.values() else " of {others} other saved choices")


def _best(figures: dict, gap: Verdict) -> str:
    """On the other choice with the highest mean; where it does not stand out, how far apart they can be or what would settle it."""
    text = " The best other mean is {best_mean:percent}, {best}: "
    if gap.word in ("higher", "lower"):
        figures["best_verdict_words"] = {"higher": "clearly lower", "lower": "clearly higher"}[gap.word]
        return text + "{best_verdict_words}."
    if gap.word == "within":
        return text + f"the two {no_wider(figures, gap)}."
    return text + (few(figures, gap) if gap.known else f"{TOO_FEW}, since one run of a choice does not show how far its seeds scatter.")


def against_presets(evidence: Evidence, verdicts: dict[tuple, Verdict]) -> list[Finding]:
    """Compare with each preset that is saved, in the words better, worse, within some points, too few runs to tell."""
    figures = {"k": evidence.k, "choice": choice_name(evidence.choice, evidence.teacher_layers), "layers": list(evidence.choice)}
    said: dict[str, list[str]] = {"higher": [], "lower": [], "within": [], "unknown": []}
    runs, untold = [run["id"] for run in evidence.own], []
    for name, choice in evidence.presets().items():
        verdict = verdicts.get(("choice", choice))
        if verdict is None:
            continue
        key = name.replace("-", "_")
        figures |= verdict.figures(key) | {f"{key}_preset": choice_name(choice, evidence.teacher_layers), f"{key}_layers": list(choice)}
        by = f" by {{{key}_difference:points}}" if verdict.clear else ""
        near = f"within {{{key}_far:points}} of " if verdict.word == "within" else ""
        said[verdict.word].append(f"{near}{{{key}_preset}}{by}")
        figures |= {f"{key}_far": verdict.far} if near else {}
        untold += [(abs(verdict.comparison.difference), verdict)] if verdict.word == "unknown" and verdict.known else []
        runs += [run["id"] for run in evidence.others[choice]]
    if not any(said.values()):
        return []
    parts = [f"{words} {names(said[word])}" for word, words in WORDS.items() if said[word]]
    parts += [names(said["within"])] if said["within"] else []
    parts += [f"{TOO_FEW} beside {names(said['unknown'])}"] if said["unknown"] else []
    template = f"Against the presets, {{choice}}: {'; '.join(parts)}."
    if untold:
        settle = wanted(figures, max(untold, key=lambda one: one[0])[1])
        template += f" {settle[0].upper()}{settle[1:]}.".replace("this one", "the widest" if len(untold) > 1 else "this one")
    strength = "clear" if said["higher"] or said["lower"] else "within" if said["within"] else "unknown"
    return [write("presets", template, figures, runs, strength, NEXT)]


def against_control(evidence: Evidence, verdicts: dict[tuple, Verdict]) -> Finding:
    """Measure what copying layers is worth, against the same student with untrained layers."""
    verdict = verdicts["control",]
    figures = {"control_mean": mean_accuracy(evidence.control), "control_runs": len(evidence.control), "mean": mean_accuracy(evidence.own)}
    figures |= verdict.figures("control")
    runs = [run["id"] for run in (*evidence.own, *evidence.control)]
    more = "the control's own runs, in the landscape"
    if verdict.word == "within":
        said = f"This choice and untrained layers ({{control_mean:percent}}) {no_wider(figures, verdict)}."
        return write("control", said, figures, runs, "within", more)
    if verdict.word == "unknown":
        end = few(figures, verdict) if verdict.known else f"{no_noise(figures, evidence.noise)}."
        return write("control", f"Beside untrained layers ({{control_mean:percent}}): {end}", figures, runs, "unknown", more)
    figures["than"] = WORDS[verdict.word]
    template = "This choice is {than} untrained layers ({control_mean:percent}) by {control_difference:points}"
    template += ": that is what copying these layers is worth here." if verdict.word == "higher" else "."
    return write("control", template, figures, runs, "clear", more)


def one_swap(evidence: Evidence, verdicts: dict[tuple, Verdict]) -> list[Finding]:
    """Name the neighbours that would gain and lose most; one sentence each where the gap exceeds noise, one for both where neither does."""
    near = [other for other in evidence.others if swapped(evidence.choice, other) and verdicts["choice", other].known]
    if not near:
        return []
    gain = min(near, key=lambda choice: verdicts["choice", choice].comparison.difference)
    loss = max(near, key=lambda choice: verdicts["choice", choice].comparison.difference)
    ends = ((gain, "lower", "gain most: {gain:points} more"), (loss, "higher", "lose most: {gain:points} less"))
    beyond = [(choice, what) for choice, word, what in ends if verdicts["choice", choice].word == word]
    if not beyond:
        figures, runs = swap_figures(evidence, verdicts, gain, len(near))
        highest = verdicts["choice", gain]
        template = "Of {neighbours} saved swaps of one layer none is clearly better or worse. The highest, {swap}: "
        if len(near) == 1:
            template = "The one saved swap of one layer, {swap}: "
        end = few(figures, highest) if highest.word == "unknown" else f"the two choices {no_wider(figures, highest)}."
        return [write("swap", template + end, figures, runs, "within" if highest.word == "within" else "unknown", SWAPS)]
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
        template += "averages {size_mean:percent}: " + (few(figures, verdict) if verdict.known else f"{no_noise(figures, evidence.noise)}.")
        strength = "unknown"
    elif verdict.word == "within":
        template, strength = template + f"averages {{size_mean:percent}}; the two {no_wider(figures, verdict)}.", "within"
    else:
        template += "averages {size_mean:percent}, {gain:points} " + ("more" if verdict.word == "lower" else "less") + "."
        strength = "clear"
    return write("capacity", template, figures, verdict.comparison.runs, strength, SIZES)
