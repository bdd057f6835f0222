"""No short cut solves the built-in task: what bags of words and overlap reach on its test split.

Run: pytest tests/test_composed_nli_shortcuts.py
"""

import json
import re
from collections import Counter, defaultdict

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from core.data.catalogue import load
from core.data.composed_nli import CARD, generate
from core.store.saved import FOLDER as SAVED


@pytest.fixture(scope="module")
def splits():
    return generate(0)


def words(text):
    return re.findall("[a-z]+", text.lower())


def hypothesis_only(pair):
    return words(pair.hypothesis)


def both_marked(pair):
    return ["p:" + word for word in words(pair.premise)] + ["h:" + word for word in words(pair.hypothesis)]


def differing(pair):
    """Words of one sentence alone, how many they are, and how long the sentences are."""
    premise, hypothesis = words(pair.premise), words(pair.hypothesis)
    only_p, only_h = set(premise) - set(hypothesis), set(hypothesis) - set(premise)
    counts = [f"#p{len(only_p)}", f"#h{len(only_h)}", f"#lp{len(premise)}", f"#lh{len(hypothesis)}", f"#{len(only_p)},{len(only_h)}"]
    return ["p:" + word for word in only_p] + ["h:" + word for word in only_h] + counts


def overlaps(pair):
    premise, hypothesis = set(words(pair.premise)), set(words(pair.hypothesis))
    common = len(premise & hypothesis)
    return [common / len(premise | hypothesis), common / len(hypothesis), common / len(premise), common]


def labels(pairs):
    return np.array([pair.label for pair in pairs])


def bag_accuracy(splits, features, strengths=(0.01, 0.1, 1.0)):
    """Test accuracy of logistic regression on a bag of features: the best of three penalties, in the short cut's favor."""
    bag = CountVectorizer(analyzer=features)
    train, test = bag.fit_transform(splits["train"]), bag.transform(splits["test"])
    fits = (LogisticRegression(C=c, max_iter=2000).fit(train, labels(splits["train"])) for c in strengths)
    return max(fit.score(test, labels(splits["test"])) for fit in fits)


def test_hypothesis_alone(splits):
    assert bag_accuracy(splits, hypothesis_only) <= 0.42


def test_whatever_is_read_in_the_hypothesis(splits):
    """An oracle that knows the best answer for each test hypothesis: no model of the hypothesis alone, however large, beats it."""
    counts = defaultdict(Counter)
    for pair in splits["test"]:
        counts[pair.hypothesis][pair.label] += 1
    assert sum(max(labels.values()) for labels in counts.values()) / len(splits["test"]) <= 0.42


def test_both_bags_with_position_marks(splits):
    assert bag_accuracy(splits, both_marked) <= 0.62


def test_differing_words_and_counts(splits):
    assert bag_accuracy(splits, differing) <= 0.65


@pytest.mark.parametrize("measure", range(4), ids=["jaccard", "of-hypothesis", "of-premise", "common-words"])
def test_overlap_threshold(splits, measure):
    """One or two thresholds on one measure of word overlap."""
    train, test = (np.array([overlaps(pair) for pair in splits[name]])[:, [measure]] for name in ("train", "test"))
    for leaves in (2, 3):
        tree = DecisionTreeClassifier(max_leaf_nodes=leaves, random_state=0).fit(train, labels(splits["train"]))
        assert tree.score(test, labels(splits["test"])) <= 0.48


def test_the_short_cuts_are_really_fitted(splits):
    """The same classifier solves a leaky copy of the task, so a low score above is no fault of the fit."""
    leaky = {name: pairs for name, pairs in splits.items() if name != "validation"}
    assert bag_accuracy(leaky, lambda pair: [*words(pair.hypothesis), f"label{pair.label}"]) >= 0.99


def test_the_card_states_what_is_measured(splits):
    def overlap():
        for measure in range(4):
            train, test = (np.array([overlaps(pair) for pair in splits[name]])[:, [measure]] for name in ("train", "test"))
            for leaves in (2, 3):
                tree = DecisionTreeClassifier(max_leaf_nodes=leaves, random_state=0).fit(train, labels(splits["train"]))
                yield tree.score(test, labels(splits["test"]))

    bags = [bag_accuracy(splits, features) for features in (hypothesis_only, both_marked, differing)]
    stated = [float(cell) / 100 for cell in re.findall(r"\| ([\d.]+) % \|", CARD)]
    assert stated == pytest.approx([*bags, max(overlap()), *(probe(name) for name in ("hypothesis", "shuffled"))], abs=0.0006)
    assert probe("hypothesis") <= 0.42


def probe(name):
    """Test accuracy of the base model fine-tuned on a harmed copy of the task, from its card."""
    card = json.loads((SAVED / "probes" / f"{name}--composed-nli.json").read_text())
    assert card["task_hash"] == load(f"{name}:composed-nli").hash
    return card["scores"]["test"]["accuracy"]
