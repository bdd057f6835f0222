"""Published claims: their figures are the sources', their verdicts the saved runs'. Run: python -m pytest tests/test_literature.py"""

import copy
import itertools
import json
import re

import numpy as np
import pytest

from core.__main__ import main
from core.findings.landscape import landscapes
from core.findings.literature import statements
from core.findings.literature.claims import CLAIMS
from core.findings.literature.statements import AGREES, DISAGREES, OPEN, Alike, Flipped, Higher, Student, Trial, named, usual
from core.findings.literature.verdicts import DEPENDS, literature
from core.recipe import Optimiser
from core.statistics.verdict import EQUAL, HIGHER, LOWER, UNKNOWN, WITHIN
from core.store.saved import saved_runs
from core.studies.published import figure
from core.views.landscape.literature import DIRECTION, by_topic, row
from tests import landscape_runs as made

ALL = [claim for claims in CLAIMS.values() for claim in claims]
PLANTED = list(itertools.combinations(range(1, 7), 3))
REVERSED = made.WORTH[::-1]


@pytest.fixture(scope="module")
def found():
    return literature(landscapes(saved_runs()))


def planted(seeds: int = 3, **worths):
    """The landscape of each task of one teacher, its layers worth what is given, by default of the task sick."""
    rng = np.random.default_rng(1)
    tasks = [made.task(name, rng, worth) for name, worth in (worths or {"sick": made.WORTH}).items()]
    truths = {task.hash: task.worlds["test"].truth for task in tasks}
    runs = [run for task in tasks for run in copy.deepcopy(made.runs(task, PLANTED, seeds, rng))]  # their recipes are shared
    return landscapes(runs, lambda task, _: truths[task])


def of(found, who: str, words: str = ""):
    return next(one for one in found.claims if one.claim.who == who and words in one.claim.sentence)


@pytest.mark.parametrize("claim", ALL, ids=lambda claim: claim.sentence[:40])
def test_every_figure_of_a_claim_stands_in_what_it_cites(claim):
    assert claim.figures or claim.stated
    rows = [f"{abs(one.value):g} {one.model} {one.metric} {one.note}" for one in claim.rows.values()]
    cited = " ".join([*rows, *(one.statement for one in claim.told)])
    numbers = lambda text: set(re.findall(r"\d+(?:\.\d+)?", text.replace("ROUGE-", "")))
    assert numbers(claim.sentence) <= numbers(cited), claim.sentence
    assert "{" not in claim.sentence and not re.findall(r"\d\.\d", re.sub(r"\{\w+\}", "", claim.says.replace("17.8", "")))


def test_a_figure_is_found_by_its_source_and_name_or_not_at_all():
    assert figure("Sanh et al. 2019", "random weights instead of teacher layers").value == -3.69
    for source, what in (("Sanh et al. 2019", "no such start"), ("DistilBART", "summarisation"), ("Sun et al.", "")):
        with pytest.raises(LookupError):
            figure(source, what)


def test_each_verdict_follows_from_the_runs_of_all_comparisons_judged_together(found):
    """Counted anew: every pair of sides once, its p adjusted over all (Holm 1979, in his own words), the words read as the statements say."""
    gaps = {frozenset(each.comparison.runs): each.comparison for one in found.claims for tried in one.tried for each in tried.verdicts}
    gaps |= {frozenset(each.comparison.runs): each.comparison for each in found.lists.verdicts}
    known = sorted((gap.p, key) for key, gap in gaps.items() if gap.p is not None)
    assert found.comparisons == len(known) > 15
    adjusted, least = {}, 0.0
    for i, (p, key) in enumerate(known):
        least = adjusted[key] = max(least, min(1.0, (len(known) - i) * p))
    for one in found.claims:
        outcomes = set()
        for tried in one.tried:
            for (a, b), verdict in zip(itertools.pairwise(tried.trial.sides), tried.verdicts, strict=True):
                mean = lambda side: np.mean([run["final"]["accuracy"] for run in side[0].runs[side[1]]])
                assert verdict.comparison.difference == pytest.approx(mean(a) - mean(b))
                p = adjusted.get(frozenset(verdict.comparison.runs))
                assert (verdict.p is None) == (p is None) and verdict.clear == (p is not None and p <= 0.05)
            outcomes.add(tried.outcome)
        said = outcomes - {OPEN}
        assert one.word == (DEPENDS if len(said) == 2 else next(iter(said), OPEN))


def test_the_saved_runs_agree_that_lower_layers_are_kept_and_say_where(found):
    one = of(found, "Sajjad et al.")
    assert one.word == AGREES and "sick (3 of 6 and 6 of 12 layers)" in one.here
    places = [(tried.trial.place.pair[1], tried.trial.place.k) for tried in one.of(AGREES)]
    assert ("sick", 6) in places and ("sick", 3) in places and not one.of(DISAGREES)


def test_a_comparison_that_two_claims_share_is_counted_once_and_stands_both_ways(found):
    kept, dropped = of(found, "Sajjad et al."), of(found, "ShortGPT")
    same = {frozenset(each.comparison.runs): each for tried in kept.tried for each in tried.verdicts}
    shared = [(same[key], each) for tried in dropped.tried for each in tried.verdicts if (key := frozenset(each.comparison.runs)) in same]
    assert shared and all(a.p == b.p and a.comparison.difference == -b.comparison.difference for a, b in shared)


def test_what_no_run_bears_on_is_not_decided_and_says_what_is_needed(found):
    for who in ("DistilBART", "TinyBERT"):
        one = of(found, who)
        assert (one.word, one.tried) == (OPEN, ()) and one.here == f"No saved run bears on it. Needed: {one.claim.needs}."
    assert all("Needed: " in one.here for one in found.claims if one.word == OPEN)


def test_the_two_lists_that_no_source_compares_are_no_claim(found):
    assert "1, 3, 5, 8, 10, 12" in found.two_lists and "1, 3, 5, 7, 9, 11" in found.two_lists and "no source compares" in found.two_lists
    assert literature(planted()).two_lists == ""


@pytest.mark.parametrize(("worth", "seeds", "word"), [(made.WORTH, 3, AGREES), (REVERSED, 3, DISAGREES), (made.WORTH, 1, OPEN), ((0,) * 6, 3, OPEN)])
def test_a_planted_truth_decides_the_claim_about_lower_layers(worth, seeds, word):
    assert of(literature(planted(seeds, sick=worth)), "Sajjad et al.").word == word


def test_opposite_truths_in_two_places_are_said_to_depend():
    one = of(literature(planted(sick=made.WORTH, reviews=REVERSED)), "Sajjad et al.")
    assert one.word == DEPENDS and one.here == "Yes: sick (3 of 6 layers). No: reviews (3 of 6 layers)."


def test_only_full_runs_with_the_usual_training_count():
    assert len(usual(planted())) == 1 and usual(planted(seeds=1)) == []
    odd = planted()
    for run in (run for runs in odd[0].runs.values() for run in runs):
        run["recipe"]["optimiser"] = vars(Optimiser(learning_rate=1e-4))
    assert usual(odd) == []


def test_what_a_statement_reads_in_the_words_of_its_comparisons():
    students = Student(named("first-k")), Student(named("last-k"))
    reads = lambda statement, *words, before=None: statement.reading(words, Trial((), (), before))
    higher, alike, flipped = Higher(students), Alike(students), Flipped(students)
    assert [reads(higher, word) for word in (HIGHER, LOWER, WITHIN, UNKNOWN)] == [AGREES, DISAGREES, OPEN, OPEN]
    assert [reads(higher, HIGHER, word) for word in (HIGHER, LOWER, UNKNOWN)] == [AGREES, DISAGREES, OPEN]
    assert [reads(alike, word) for word in (HIGHER, LOWER, WITHIN, UNKNOWN)] == [DISAGREES, DISAGREES, AGREES, OPEN]
    assert [reads(flipped, word, before=(0.4, 0.6)) for word in (HIGHER, LOWER, UNKNOWN)] == [AGREES, DISAGREES, OPEN]
    assert reads(flipped, HIGHER, before=(0.6, 0.4)) == DISAGREES and reads(flipped, HIGHER, before=(0.5, 0.5 + EQUAL / 2)) == OPEN


def test_what_a_loss_compares_with_is_known_by_its_list_too():
    one = planted()[0]
    for match, name in (("uniform", "uniform"), ([1, 2, 3], "first-k"), ([4, 5, 6], "last-k"), ([1, 1, 6], "")):
        one.one["recipe"]["objective"]["match"] = match
        assert statements.match_of(one) == name


def test_a_choosers_pick_is_taken_from_its_saved_ranking(monkeypatch):
    (one,) = planted()
    ranking = {("block-influence", *one.ground, 3): ((4, 5, 6), (1, 2, 3))}
    monkeypatch.setattr(statements, "_rankings", lambda folder: ranking)
    assert of(literature([one]), "ShortGPT").word == DISAGREES and of(literature([one]), "Angular distance").tried == ()


def test_the_surface_is_plain(found):
    """No test's name, no sentence of more than 28 words."""
    for rows in by_topic(found).values():
        for one in rows:
            for text in (one.sentence, one.here, DIRECTION, found.summary):
                assert not re.search(r"\bHolm\b|\btau\b|\bp-value|regret|\bdf\b|significan", text)
                assert all(len(sentence.split()) <= 28 for sentence in re.split(r"(?<=[.]) ", text)), text
    assert found.summary == "Of {} claims {} agree with the saved runs, {} disagree and {} cannot be decided with them.".format(
        len(ALL), *(sum(one.word == word for one in found.claims) for word in (AGREES, DISAGREES, OPEN)))


def test_the_command_prints_what_the_page_shows(found, capsys):
    assert main(["landscape", "--literature"]) == 0
    text = capsys.readouterr().out
    assert all(one.claim.sentence in text and one.here in text for one in found.claims) and DIRECTION in text and found.two_lists in text
    assert main(["landscape", "--literature", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [one["word"] for one in told] == [one.word for one in found.claims] and told[0]["places"] == list(row(found.claims[0]).places)
    saved = {run["id"] for run in saved_runs()}
    assert all(set(one["runs"]) <= saved for one in told) and any(one["runs"] for one in told)
