"""Scorers of classifications, by scikit-learn's figures."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import precision_recall_fscore_support

from weavelite.scorers import ClassificationScorer, MultiTaskBinaryClassificationF1

LABELS = st.sampled_from(["spam", "ham", "eggs"])


@given(st.lists(st.tuples(LABELS, LABELS), min_size=1, max_size=30))
def test_averages_are_scikit_learns(pairs):
    """Macro, micro and weighted averages, and those of each class, are scikit-learn's."""
    scorer = ClassificationScorer()
    summary = scorer.summarize([scorer.score(output=o, target=t) for t, o in pairs])
    true, given = zip(*pairs, strict=True)
    for average in ("macro", "micro", "weighted"):
        expected = precision_recall_fscore_support(true, given, average=average, zero_division=0)
        found = summary[average]
        for name, value in zip(("precision", "recall", "f1"), expected[:3], strict=True):
            assert math.isclose(found[name], value, abs_tol=1e-12), (average, name)
    assert summary["accuracy"] == sum(t == o for t, o in pairs) / len(pairs)


def test_classes_are_told():
    """Outputs that are no class count against recall; cells without a score are left out."""
    scorer = ClassificationScorer(class_names=["Yes", "No"])
    rows = [scorer.score(output=o, target=t) for o, t in [(" YES ", "yes"), ("maybe", "no")]]
    summary = scorer.summarize([*rows, None])
    assert summary["classes"]["yes"] == {"f1": 1, "precision": 1, "recall": 1, "support": 1}
    assert summary["classes"]["no"]["recall"] == 0 and summary["accuracy"] == 0.5
    assert ClassificationScorer().summarize([None]) is None
    with pytest.raises(ValueError, match="needs a class as target"):
        scorer.score(output="yes", target=None)


def test_several_questions_are_weaves():
    """Scores and summary have Weave's keys; an output that is no dictionary answers no."""
    scorer = MultiTaskBinaryClassificationF1(class_names=["a", "b"])
    target = {"a": True, "b": True}
    rows = [
        scorer.score(output={"a": True, "b": False}, target=target),
        scorer.score(output={"a": True}, target={"a": False}),
        scorer.score(output="nothing", target=target),
    ]
    assert rows[0] == {
        "a": {"correct": True, "negative": False},
        "b": {"correct": False, "negative": True},
    }
    summary = scorer.summarize(rows)
    assert summary["a"] == {"precision": 0.5, "recall": 0.5, "f1": 0.5}
    assert summary["b"] == {"precision": 0, "recall": 0, "f1": 0}
