"""Why a run got what it got: every sentence against the saved files, over all choices of 1 to 5 layers of the built-in pair.

Run: python -m pytest tests/test_why.py
"""

import functools
import itertools
import json
import re

import pytest

from core.findings.evidence import gather
from core.findings.explanation.explain import explain_evidence
from core.findings.why.own_reason import judged
from core.findings.why.why import why
from core.recipe.seams import Seam, seams
from core.store import saved
from core.store.predictions import REASONS
from core.store.saved import saved_runs, truth
from core.store.seam_costs import SeamCosts
from core.views.lab import why as view

LAYERS = 6
CHOICES = [choice for k in range(1, LAYERS) for choice in itertools.combinations(range(1, LAYERS + 1), k)]
ALL, NONE, OWN = (lambda k: True), (lambda k: False), None  # which sizes may be seen; OWN: that of the choice
NUMBER = re.compile(r"\d+\.\d")
MOST_WORDS = 28  # of a sentence


@functools.cache
def files() -> dict[tuple, list[float]]:
    """Accuracies by choice, read from the files without the program."""
    found: dict[tuple, dict] = {}
    for k in range(1, LAYERS):
        for line in (saved.FOLDER / f"minilm-l6--composed-nli--k{k}.jsonl").read_text().splitlines():
            record = json.loads(line)
            if record["status"] == "finished" and not record["recipe"]["seeding"]["untrained_layers"]:
                found.setdefault(tuple(record["recipe"]["layers"]), {})[record["recipe"]["seed"]] = record["final"]["accuracy"]
    return {choice: list(of_seeds.values()) for choice, of_seeds in found.items()} | {tuple(range(1, LAYERS + 1)): [record["teacher"]["accuracy"]]}


def mean(choice) -> float:
    values = files()[tuple(sorted(choice))]
    return sum(values) / len(values)


@functools.cache
def built_in() -> list[dict]:
    return saved_runs("minilm-l6", "composed-nli")


def evidence_of(record, among=None):
    return gather(record, built_in() if among is None else among, truth(record["task_hash"], record["split"]))


def record_of(choice, file="k"):
    """The first saved run of a choice in the files of this name; of full runs, each size has its own."""
    name = f"--k{len(choice)}.jsonl" if file == "k" else file
    of_file = (run for run in built_in() if run["file"].endswith(name) and not run["recipe"]["seeding"]["untrained_layers"])
    return next(run for run in of_file if tuple(run["recipe"]["layers"]) == tuple(choice))


@functools.cache
def found_of(choice, opened=ALL):
    evidence = evidence_of(record_of(choice))
    return evidence, why(evidence, None, None, opened or (lambda k: k == len(choice)))


def gain(choice, *back) -> float:
    return mean((*choice, *back)) - mean(choice)


def recomputed(choice, figures: dict) -> dict[str, float]:
    """What the figures of a sentence have to be, by name."""
    gaps = seams(choice, LAYERS)
    closed = [gain(choice, *seam.missing) for seam in gaps]
    teacher = mean(range(1, LAYERS + 1))
    found = {"mean": mean(choice), "teacher": teacher, "lost": teacher - mean(choice), "summed": sum(closed)}
    found |= {f"closed_{place}": value for place, value in enumerate(closed, 1)}
    if "closed" in figures:
        best = tuple(figures["missing"])
        found |= {"closed": gain(choice, *best), "closed_mean": mean((*choice, *best))}
        found["next"] = max(value for seam, value in zip(gaps, closed) if seam.missing != best)
    if "a" in figures:
        a, b = figures["a"], figures["b"]
        found |= {"gain_a": gain(choice, a), "gain_b": gain(choice, b), "both": gain(choice, a, b)}
        found |= {"alone_a": mean((*choice, a, b)) - mean((*choice, b)), "alone_b": mean((*choice, a, b)) - mean((*choice, a))}
    if "back" in figures and isinstance(figures["back"], list):
        gains = [gain(choice, layer) for layer in figures["back"]]
        found |= {"top": max(gains), "low": min(gains), "high": max(gains)}
        found |= {f"gain_{place}": gain(choice, layer) for place, layer in enumerate(figures.get("helping", ()), 1)}
    if "swap" in figures:
        found |= {"swap_mean": mean(figures["swap"]), "gain": mean(figures["swap"]) - mean(choice)}
    return found


@pytest.mark.parametrize("opened", [ALL, OWN, NONE], ids=["all sizes", "this size alone", "no size"])
@pytest.mark.parametrize("choice", CHOICES, ids=str)
def test_every_number_of_every_sentence_is_that_of_the_files(choice, opened):
    evidence, found = found_of(choice, opened)
    assert 1 <= len(found.findings) <= 2 and [one.seam for one in found.seams] == list(seams(choice, LAYERS))
    for one in found.findings:
        expected = recomputed(choice, one.figures)
        for name in expected.keys() & one.figures.keys():
            assert one.figures[name] == pytest.approx(expected[name], abs=1e-12), name
        known = [expected.get(name) for name in one.figures if name in expected] + [one.figures.get("far")]
        written = {f"{100 * value:.1f}" for value in known if value is not None}
        assert set(NUMBER.findall(one.sentence)) <= written, one.sentence
        assert one.runs and "None" not in one.sentence


def layers_in(words: str) -> tuple[int, ...]:
    """'layers 2 and 3', 'Layers 2 to 5' as layers."""
    numbers = [int(number) for number in re.findall(r"\d+", words)]
    return tuple(range(numbers[0], numbers[-1] + 1)) if " to " in words else tuple(numbers)


def claims(choice, text: str, far: float | None) -> list[tuple[tuple[int, int], str, float]]:
    """Every number that the sentences of a choice claim, read from their words alone: where it stands, what it is, and what the files say it is.

    far: what the verdict says of how far apart two may lie, which the files alone do not tell."""
    layers, number = r"([Ll]ayers? \d(?:, \d)*(?:(?: and| to) \d)?)", r"(\d+\.\d)"
    gone = re.search(layers + r" (?:is|are|are both) gone", text)
    missing = layers_in(gone[1]) if gone else ()
    assert not missing or missing in [seam.missing for seam in seams(choice, LAYERS)]
    assert "nothing else" not in text or len(seams(choice, LAYERS)) == 1
    single = lambda pick: pick(gain(choice, layer) for layer in missing)
    other = lambda: max(gain(choice, *seam.missing) for seam in seams(choice, LAYERS) if seam.missing != missing)
    pair = [layers_in(found)[0] for found in re.findall(r"[Ll]ayer \d(?= (?:put back )?alone)", text)]
    without = lambda layer: mean((*choice, *pair)) - mean((*choice, *(set(pair) - {layer})))
    swapped = lambda found: tuple(map(int, re.findall(r"\d", found)))
    teacher = mean(range(1, LAYERS + 1))
    rules = {
        rf"reaches {number} %": lambda _: mean(choice), rf"the teacher(?:'s)? \(?{number} %": lambda _: teacher,
        rf"{number} points below the teacher": lambda _: teacher - mean(choice), rf"that costs {number}": lambda _: teacher - mean(choice),
        rf"\({number} % against": lambda _: mean(choice), rf"instead of {number} %": lambda _: mean(choice),
        rf"students get {number} points more": lambda _: gain(choice, *missing), rf"\({number} % instead": lambda _: mean((*choice, *missing)),
        rf"{layers} (?:put )?back (?:alone )?brings? {number}": lambda who: gain(choice, *layers_in(who)),
        rf"{layers} brings? {number}": lambda who: gain(choice, *layers_in(who)),
        rf"{layers} alone {number}": lambda who: (without if "To lose" in text else lambda layer: gain(choice, layer))(*layers_in(who)),
        rf"To lose {layers} alone costs {number}": lambda who: without(*layers_in(who)), rf"both {number}": lambda _: gain(choice, *pair),
        rf"put back alone, brings {number} to": lambda _: single(min), rf"put back alone, brings \d+\.\d to {number}": lambda _: single(max),
        rf"One of them put back alone brings {number} points at most": lambda _: single(max),
        rf"Any other missing layers back bring {number} at most": lambda _: other(), rf"within {number} points": lambda _: far,
        rf"the student of ((?:\d, )*\d) gets most \(layer \d instead of \d\): {number} %": lambda who: mean(swapped(who)),
        rf"the student of ((?:\d, )*\d) gets most [^:]*: [\d.]+ %\. That is {number} points":
            lambda who: abs(mean(swapped(who)) - mean(choice)),
    }
    return [(found.span(found.lastindex), found[0], true(found[1])) for rule, true in rules.items() for found in re.finditer(rule, text)]


@pytest.mark.parametrize("opened", [ALL, OWN], ids=["all sizes", "this size alone"])
@pytest.mark.parametrize("choice", CHOICES, ids=str)
def test_the_words_of_every_sentence_claim_what_the_files_say(choice, opened):
    _, found = found_of(choice, opened)
    text = " ".join(one.sentence for one in found.findings)
    known = claims(choice, text, next((one.figures["far"] for one in found.findings if "far" in one.figures), None))
    for (start, end), words, value in known:
        assert text[start:end] == f"{100 * value:.1f}", words
    spans = [where for where, *_ in known]
    assert all(number.span() in spans for number in NUMBER.finditer(text)), text  # no number stands there that is not read
    note = view.note(found)
    if "Added up" in note:
        brought = [gain(choice, *seam.missing) for seam in seams(choice, LAYERS)] if opened is ALL else None
        summed, lost = map(int, re.search(r"about (\d+) points; this choice loses about (\d+)", note).groups())
        assert lost == round(100 * (mean(range(1, LAYERS + 1)) - mean(choice))) and (brought is None or summed == round(100 * sum(brought)))
    for row in view.rows(found):
        seam = Seam(row["below"], row["above"])
        assert row["cost"] is None or row["cost"] == pytest.approx(gain(choice, *seam.missing))


@pytest.mark.parametrize("opened", [ALL, OWN, NONE], ids=["all sizes", "this size alone", "no size"])
def test_no_sentence_is_long(opened):
    texts = {one.sentence for choice in CHOICES for one in found_of(choice, opened)[1].findings}
    texts |= {view.note(found_of(choice, opened)[1]) for choice in CHOICES} | {view.BESIDE, f"{view.MEASURED} {view.UNKNOWN}"}
    texts |= {said.sentence for choice in CHOICES[::5] for name in REASONS if (said := judged(name, found_of(choice)[0], opened or ALL))}
    for sentence in (sentence for text in texts for sentence in re.split(r"(?<=\.) ", text)):
        assert len(sentence.split()) <= MOST_WORDS, sentence


@pytest.mark.parametrize("choice", CHOICES, ids=str)
def test_no_sentence_says_more_than_its_figures(choice):
    evidence, found = found_of(choice)
    text = " ".join(one.sentence for one in found.findings)
    figures = {name: value for one in found.findings for name, value in one.figures.items()}
    assert ("costs" in text) <= (figures["loss_verdict"] == "lower")
    if figures["loss_verdict"] == "lower":
        assert figures["loss_p_holm"] <= 0.05 and figures["lost"] > 0
    else:
        assert not re.search("costs|most of the loss|stand", text.replace("stands out", "")) and len(found.findings) == 1
    if "most of the loss" in text:
        assert figures["closed"] >= figures["lost"] / 2 and figures["closed"] > figures["next"] and "No single reason" not in text
    if "one stands in for the other" in text:
        assert figures["overlap_verdict"] == "higher" and figures["gain_a"] + figures["gain_b"] > figures["both"]
        assert min(figures["gain_a"], figures["gain_b"]) >= 2 / 3 * figures["both"]
    if "one can stand in for another" in text:
        assert len(figures["back"]) > 2 and figures["low"] > 0
    for one in found.findings:
        assert (one.strength == "clear") <= any(value == "higher" or value == "lower" for value in one.figures.values()) or "helping" in one.figures \
            or "low" in one.figures


@pytest.mark.parametrize("choice", CHOICES, ids=str)
def test_the_panel_and_the_other_findings_say_the_same_of_the_same_choice(choice):
    evidence, found = found_of(choice)
    turned = {"higher": "lower", "lower": "higher"}
    steps = {step.choice: step for one in found.seams for step in (*one.back, *one.swapped, *filter(None, [one.closed]))}
    for step in steps.values():
        assert step.mean == pytest.approx(mean(step.choice)) and step.gain == pytest.approx(mean(step.choice) - mean(choice))
    said = 0
    for one in explain_evidence(evidence):
        for name, layers in one.figures.items():
            key = name.removesuffix("_layers")
            if key != name and f"{key}_verdict" in one.figures and tuple(layers) in steps and one.kind != "capacity":
                assert steps[tuple(layers)].verdict.word == turned.get(one.figures[f"{key}_verdict"], one.figures[f"{key}_verdict"])
                said += 1
        if one.kind == "capacity" and one.figures["change"] == "more":
            word = one.figures["size_verdict"]
            assert steps[tuple(one.figures["size_layers"])].verdict.word == turned.get(word, word)
            said += 1
    assert said or len(choice) == 5


def test_the_layers_that_stand_in_for_each_other_are_named():
    _, found = found_of((1, 4, 5, 6))
    first, second = [one.sentence for one in found.findings]
    assert first.startswith("Layers 2 and 3 are both gone, and nothing else: that costs 26.9 points")
    assert "one stands in for the other" in second and "layer 2" in second.lower() and "layer 3" in second
    _, shared = found_of((1, 3, 5))
    assert "No single reason stands out" in shared.findings[0].sentence


def test_a_short_run_has_the_reasons_of_its_full_runs():
    for choice in ((1, 3, 5), (4, 5, 6)):
        short = why(evidence_of(record_of(choice, "rung-240.jsonl")), None, None, ALL)
        assert [one.sentence for one in short.findings] == [one.sentence for one in found_of(choice)[1].findings]


def test_what_is_no_choice_in_the_teachers_order_has_one_sentence_and_no_seam():
    run = record_of((1, 3, 5))
    with_layers = lambda layers, **more: run | {"recipe": run["recipe"] | {"layers": list(layers)} | more, "id": str(layers)}
    untrained = {"seeding": run["recipe"]["seeding"] | {"untrained_layers": True}}
    cases = {
        "another order": record_of((4, 2, 6), "order.jsonl"), "more than once": with_layers((1, 3, 3)),
        "untrained": with_layers((1, 3, 5), **untrained), "in stages": run | {"staged": True}, "stopped": run | {"status": "stopped"},
        "nothing is missing": with_layers(range(1, 7)),
    }
    for words, record in cases.items():
        found = why(evidence_of(record), None, None, ALL)
        assert len(found.findings) == 1 and not found.seams and words in found.findings[0].sentence, words
    wrong = why(evidence_of(run), "frozen", None, ALL)
    assert not wrong.seams and "went wrong" in wrong.findings[0].sentence
    ordered = why(evidence_of(cases["another order"]), None, None, ALL).findings[0]
    if ordered.strength == "clear":
        assert f"{100 * mean((2, 4, 6)):.1f} %" in ordered.sentence


# What was measured of the teacher alone


def costs(**of_seams) -> SeamCosts:
    found = {Seam(*map(int, name[1:].split("_"))): value for name, value in of_seams.items()}
    return SeamCosts("own", "own", LAYERS, 0.9, 600, 3.0, found, found)


def alone(choice, known):
    return why(evidence_of(record_of(choice), among=[]), None, known, ALL)


def test_an_own_pair_has_one_plain_sentence_until_its_seams_are_measured():
    run = record_of((1, 4, 5), "k")
    short = run | {"recipe": run["recipe"] | {"budget": {"steps": 240, "epochs": None, "examples": None}}}
    bare = why(gather(short, []), None, None, ALL)
    assert len(bare.findings) == 1 and bare.findings[0].sentence.startswith("No full runs of layers 1, 4, 5 are saved")
    assert [row["cost"] for row in view.rows(bare)] == [None, None] and "not known yet" in view.note(bare)
    known = why(gather(short, []), None, costs(s1_4=0.3, s5_7=0.02), ALL)
    assert [row["cost"] for row in view.rows(known)] == [0.3, 0.02] and "nothing trained" in view.note(known)
    assert "in place of layers 2 and 3 it falls from 90.0 % to 60.0 %. That is clearly further" in known.findings[1].sentence
    assert "at any other gap of this choice (2.0 points at most)" in known.findings[1].sentence
    close = why(gather(short, []), None, costs(s1_4=0.31, s5_7=0.3), ALL)
    assert "none stands out" in close.findings[1].sentence and "clearly" not in close.findings[1].sentence
    least = why(gather(short, []), None, costs(s1_4=0.01, s5_7=0.005), ALL)
    assert "keeps its 90.0 %" in least.findings[1].sentence


# What may be seen


def test_figures_of_other_sizes_wait_until_they_may_be_seen():
    for choice in ((1, 3, 5), (1, 4, 5), (2,)):
        _, found = found_of(choice, NONE)
        assert found.hidden and len(choice) not in found.hidden and LAYERS not in found.hidden
        steps = [step for one in found.seams for step in (*one.back, *one.swapped, *filter(None, [one.closed]))]
        assert {len(step.choice) for step in steps} <= {len(choice), LAYERS}
        texts = " ".join([one.sentence for one in found.findings] + [view.note(found)])
        others = {f"{100 * mean(other):.1f} %" for other in CHOICES if len(other) in found.hidden}
        same = {f"{100 * mean(other):.1f} %" for other in (*CHOICES, tuple(range(1, LAYERS + 1))) if len(other) in (len(choice), LAYERS)}
        assert not any(value in texts for value in others - same)
        assert str(len(choice) + 1) in view.hidden_text(found.hidden)


# The panel's lines


@pytest.mark.parametrize("choice", CHOICES, ids=str)
def test_the_lines_of_a_seam_hold_its_students_with_their_figures(choice):
    _, found = found_of(choice)
    for one in found.seams:
        known = view.details(found, one, LAYERS)
        assert known.title.endswith("missing") and len(known.more) == one.seam.length + (one.seam.length > 1)
        assert len(known.same) == one.seam.length
        for line in (*known.more, *known.same):
            read = re.fullmatch(r"(.+ back)(, layer \d given up)? \((.+)\): (\d+\.\d) %(, likely between [\d.]+ % and [\d.]+ %)?; (.+)", line.text)
            other = tuple(range(1, LAYERS + 1)) if line.choice is None else line.choice
            assert read[4] == f"{100 * mean(other):.1f}" and layers_in(read[1]) == tuple(sorted(set(other) - set(choice)))
            assert read[3] == "the teacher itself" or layers_in(read[3]) == other
            change = mean(other) - mean(choice)
            assert read[6].startswith(f"{abs(100 * change):.1f} points {'more' if change > 0 else 'less'}") or read[6].startswith("within ")
        for line in known.same:
            assert "given up" in line.text and len(line.choice) == len(choice)
    assert len({row["id"] for row in view.rows(found)}) == len(found.seams)


# The learner's own reason


def test_every_reason_is_judged_by_the_files():
    evidence, _ = found_of((1, 3, 5))
    assert judged("guess", evidence, ALL) is None
    first, last = mean((1, 2, 3)), mean((4, 5, 6))
    near = judged("near-input", evidence, ALL)
    assert f"{100 * first:.1f} %" in near.sentence and f"{100 * last:.1f} %" in near.sentence
    mirrored = {"supported": "contradicted", "contradicted": "supported"}
    for a, b in (("near-input", "near-output"), ("spread", "neighbours")):
        one, other = (judged(name, evidence, ALL).figures["judged"] for name in (a, b))
        assert other == mirrored.get(one, one)
    assert judged("few", evidence, NONE).sentence.endswith("once you have predicted one.")
    for choice in CHOICES[:: 3]:
        for name in REASONS:
            said = judged(name, found_of(choice)[0], ALL)
            assert said is None or re.search("is (supported|contradicted|not testable here)", said.sentence)
            if said and said.figures.get("judged") in ("supported", "contradicted"):
                assert said.strength == "clear" and said.figures["reason_p_holm"] <= 0.05
    few = judged("few", found_of((4, 5, 6))[0], ALL)
    more = [mean((4, 5, 6, layer)) for layer in (1, 2, 3)]
    assert few.figures["more_mean"] == pytest.approx(sum(more) / 3) and few.figures["judged"] == "supported"
    gone = judged("gap", found_of((1, 4, 5, 6))[0], ALL)
    shorter = [other for other in CHOICES if len(other) == 4 and max(seam.length for seam in seams(other, LAYERS)) < 2]
    assert gone.figures["others_mean"] == pytest.approx(sum(map(mean, shorter)) / len(shorter))


def test_a_short_budget_is_judged_against_the_full_runs_of_the_choice():
    short = judged("short", evidence_of(record_of((2, 4, 6), "rung-60.jsonl")), ALL)
    assert short.figures["full"] == pytest.approx(mean((2, 4, 6))) and short.figures["judged"] == "supported"
    assert "full length" in judged("short", found_of((2, 4, 6))[0], ALL).sentence
