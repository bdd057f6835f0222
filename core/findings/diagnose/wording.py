"""The sentence of each symptom, from the figures of the strategies that show it: a template, and what fills it."""


def _span(name: str, figures, kind: str) -> tuple[str, dict]:
    """'0.33' or '0.32 to 0.33' as a template, over the strategies that share a symptom."""
    values = [each[name] for each in figures]
    if max(values) == min(values):
        return f"{{{name}:{kind}}}", {name: values[0]}
    return f"{{{name}_from:{kind}}} to {{{name}_to:{kind}}}", {f"{name}_from": min(values), f"{name}_to": max(values)}


def _unchanged(figures, unit: str) -> tuple[str, dict]:
    parts, values = [], {"evaluations": max(each["evaluations"] for each in figures)}
    for name, words, kind in (("accuracy", "the accuracy", "percent"), ("loss", "the validation loss", ".4f")):
        if all(each[name] is not None for each in figures):
            span, more = _span(name, figures, kind)
            parts.append(f"{words} ({span})")
            values |= more
    text = f"{' and '.join(parts)} {'are' if len(parts) > 1 else 'is'} the same to the last digit in all {{evaluations}} evaluations"
    moves = [each["moves"] for each in figures if each["moves"] is not None]
    if moves:
        text += ", while the training loss moves by at most {moves:.4f}"
        values["moves"] = max(moves)
    return text, values


def _at_chance(figures, unit: str) -> tuple[str, dict]:
    span, values = _span("highest", figures, "percent")
    text = f"no evaluation ({span} at best) lies above chance, {{chance:percent}}, by more than guessing would now and then (up to {{upper:percent}})"
    if "lower" in figures[0]:
        text = f"every evaluation ({span} at best) lies further below chance, {{chance:percent}}, than guessing would (down to {{lower:percent}})"
    return text, values | {name: figures[0][name] for name in ("chance", "upper", "lower") if name in figures[0]}


def _fresh_head(figures, unit: str) -> tuple[str, dict]:
    span, values = _span("loss", figures, ".4f")
    where = f"({span}) is within {{off:.4f}} of {{uniform:.4f}}, the logarithm of the number of classes"
    text = f"the validation loss {where}: the loss of an untrained head"
    return text, values | {"uniform": figures[0]["uniform"], "off": max(each["off"] for each in figures)}


def _averaged(figures, unit: str) -> tuple[str, dict]:
    span, values = _span("reported", figures, "percent")
    last, more = _span("last", figures, "percent")
    text = f"the reported accuracy ({span}) is the mean over {{epochs}} epochs; the last one is {last}"
    return text, values | more | {"epochs": figures[0]["epochs"]}


def _least(name: str, figures) -> float:
    return min(each[name] for each in figures)


def _not_finite(figures, unit: str) -> tuple[str, dict]:
    losses = list(dict.fromkeys(words for each in figures for words in each["losses"]))
    where = f"in every {unit}" if all(each["every"] for each in figures) else f"from {unit} {{from:g}} on"
    text = f"the {{losses:names}} {'is' if len(losses) < 2 else 'are'} not a number, or infinite, {where}"
    return text, {"losses": losses, "from": _least("from", figures)}


def _rate_ended(figures, unit: str) -> tuple[str, dict]:
    values = {name: _least(name, figures) for name in ("from", "rows", "of")}
    if all(each["shown"] for each in figures):
        return f"the learning rate is 0 from {unit} {{from:g}} on, in {{rows}} of {{of}} lines", values
    text = f"after {unit} {{from:g}} nothing moves any more: {{rows}} of {{of}} evaluations are the same to the last digit, and those before are not"
    return text, values


def _memorised(figures, unit: str) -> tuple[str, dict]:
    values = {"first": figures[0]["first"], "last": figures[0]["last"], "upper": figures[0]["upper"], "chance": figures[0]["chance"],
              "highest": max(each["highest"] for each in figures)}
    lowest = "" if len(figures) > 1 else " from {first:.4f} to {last:.4f}"
    return (f"the training loss falls{lowest}, and no evaluation ({{highest:percent}} at best) lies above chance, {{chance:percent}}, by more than "
            "guessing would now and then (up to {upper:percent})"), values


def _one_class(figures, unit: str) -> tuple[str, dict]:
    if all(each["frequent"] for each in figures):
        values = {"chance": figures[0]["chance"], "evaluations": _least("evaluations", figures)}
        return ("in all {evaluations} evaluations the accuracy is the share of the most frequent class, {chance:percent}: what naming that class "
                "every time would give"), values
    span, values = _span("accuracy", figures, "percent")
    text = f"the accuracy ({span}) is the same to the last digit in all {{evaluations}} evaluations, while the validation loss moves"
    return text, values | {"evaluations": _least("evaluations", figures)}


def _same_split(figures, unit: str) -> tuple[str, dict]:
    return "in all {rows} lines the training figures equal the validation figures to the last digit", {"rows": _least("rows", figures)}


def _exchanged(figures, unit: str) -> tuple[str, dict]:
    span, values = _span("train", figures, ".4f")
    other, more = _span("validation", figures, ".4f")
    text = f"in all {{rows}} lines the validation is far better than the training (at the end, losses of {other} and {span})"
    return text, values | more | {"rows": _least("rows", figures)}


TEXTS = {
    "not-updated": _unchanged, "same-accuracy": _unchanged, "at-chance": _at_chance, "below-chance": _at_chance,
    "fresh-head": _fresh_head, "averaged": _averaged, "not-finite": _not_finite, "rate-ended": _rate_ended, "memorised": _memorised,
    "one-class": _one_class, "same-split": _same_split, "exchanged": _exchanged,
}
