"""BLEU, chrF and ROUGE are what their libraries say."""

import subprocess
import sys

import pytest

from weavelite.scorers import BLEUScorer, ChrFScorer, ROUGEScorer

OUTPUTS = ["The cat sat on the mat.", "A dog barks loudly."]
TARGETS = ["The cat sat on a mat.", "The dog barks."]


def test_bleu_of_the_corpus_is_sacrebleus():
    """The summary's figure of the corpus is that of sacreBLEU over all rows, and no mean."""
    from sacrebleu import corpus_bleu, sentence_bleu

    scorer = BLEUScorer()
    rows = [scorer.score(output=o, target=t) for o, t in zip(OUTPUTS, TARGETS, strict=True)]
    assert rows[0]["bleu"] == sentence_bleu(OUTPUTS[0], [TARGETS[0]]).score
    summary = scorer.summarize([*rows, None])
    assert summary["corpus"] == pytest.approx(corpus_bleu(OUTPUTS, [TARGETS]).score)
    assert summary["bleu"]["mean"] == pytest.approx(sum(r["bleu"] for r in rows) / 2)


def test_several_references_count():
    """The same as one of several references is as good as can be."""
    several = ["Something else.", OUTPUTS[0]]
    assert BLEUScorer().score(output=OUTPUTS[0], target=several)["bleu"] == pytest.approx(100)
    assert ChrFScorer().score(output=OUTPUTS[0], target=several) == pytest.approx(100)
    assert ROUGEScorer().score(output=OUTPUTS[0], target=several)["rougeL"] == 1


def test_chrf_is_sacrebleus():
    """Both chrF and chrF++ are sacreBLEU's."""
    from sacrebleu import sentence_chrf

    for order in (0, 2):
        expected = sentence_chrf(OUTPUTS[0], [TARGETS[0]], word_order=order).score
        assert ChrFScorer(word_order=order).score(output=OUTPUTS[0], target=TARGETS[0]) == expected


def test_rouge_is_rouge_scores():
    """Each kind is the F-measure of rouge-score."""
    from rouge_score.rouge_scorer import RougeScorer

    expected = RougeScorer(["rouge1", "rougeL"], use_stemmer=True).score(TARGETS[1], OUTPUTS[1])
    found = ROUGEScorer(kinds=["rouge1", "rougeL"], stemmer=True).score(
        output=OUTPUTS[1], target=TARGETS[1]
    )
    assert found == {kind: score.fmeasure for kind, score in expected.items()}


@pytest.mark.parametrize("scorer", [BLEUScorer(), ChrFScorer(), ROUGEScorer()])
def test_nothing_said_is_worth_nothing(scorer):
    """An empty output scores 0, and an empty reference is an error."""
    found = scorer.score(output=None, target="A text.")
    figures = found.values() if isinstance(found, dict) else [found]
    assert all(figure == 0 for figure in figures if isinstance(figure, float))
    with pytest.raises(ValueError, match="reference text is needed"):
        scorer.score(output="A text.", target=None)


@pytest.mark.parametrize(
    ("blocked", "scorer", "extra"),
    [
        ("sacrebleu", "BLEUScorer", "text"),
        ("sacrebleu", "ChrFScorer", "text"),
        ("rouge_score", "ROUGEScorer", "text"),
        ("presidio_analyzer", "PresidioScorer", "pii"),
    ],
)
def test_a_missing_package_is_named(blocked, scorer, extra):
    """Without its package, a scorer can be made, and says what to install when it scores."""
    program = (
        f"import sys; sys.modules[{blocked!r}] = None\n"
        "from weavelite import scorers, errors\n"
        f"scorer = scorers.{scorer}()\n"
        "try:\n"
        "    args = {} if 'Presidio' in type(scorer).__name__ else {'target': 'a'}\n"
        "    scorer.score(output='a', **args)\n"
        "except errors.MissingExtraError as error:\n"
        "    print(error)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert f'pip install "weavelite[{extra}]"' in done.stdout, done.stderr
