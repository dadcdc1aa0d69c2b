"""What holds for all scorers that come with weavelite."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

import weavelite
from weavelite import scorers
from weavelite.eval.roles import judge as role_of

OWN = {
    "ChrFScorer": {},
    "MultiTaskBinaryClassificationF1": {"class_names": ["a"]},
    "PydanticScorer": {"model": dict},
    "LLMAsAJudgeScorer": {"model": "m", "scoring_prompt": "{output}"},
    "LLMJudge": {"model": "m", "criteria": "Right?"},
    "PairwiseJudge": {"model": "m", "criteria": "Better?"},
    "PeopleScorer": {"labels": {"score": "human"}, "scales": {"score": "bool"}},
}
ALL = [
    name
    for name in scorers.__all__
    if isinstance(getattr(scorers, name), type)
    and issubclass(getattr(scorers, name), weavelite.Scorer)
]


def made(name):
    return getattr(scorers, name)(**OWN.get(name, {}))


def test_names_are_listed_once():
    """What type checkers see is what can be imported, and what `__all__` lists."""
    tree = ast.parse(Path(scorers.__file__).read_text())
    (typed,) = [node for node in tree.body if isinstance(node, ast.If)]
    names = [alias.name for node in typed.body for alias in node.names]
    assert sorted(names) == scorers.__all__ == dir(scorers) and len(ALL) >= 28
    with pytest.raises(AttributeError, match="it has BLEUScorer"):
        scorers.NoSuchScorer


@pytest.mark.parametrize("name", ALL)
def test_every_scorer_can_run_is_stored_and_comes_back(client, name):
    """A scorer is ready for an evaluation, is a version of its own, and is read as what it was."""
    scorer = made(name)
    role = role_of(scorer)
    assert role.output_name == "output"
    ref = weavelite.publish(scorer, "scorer")
    read = ref.get()
    assert type(read) is type(scorer) and weavelite.publish(read, "scorer").digest == ref.digest


@pytest.mark.parametrize("name", ALL)
def test_every_scorer_says_which_way_is_better(name):
    """Which way is better is said for the whole score, or by key."""
    said = made(name).higher_is_better
    assert isinstance(said, bool) or said


def test_importing_all_of_them_loads_nothing_heavy():
    """Libraries are imported when they are needed, not with the scorers."""
    heavy = "openai numpy sacrebleu rouge_score nltk presidio_analyzer spacy sklearn rapidfuzz"
    code = (
        "import sys\nfrom weavelite.scorers import *\n"
        f"print([name for name in {heavy.split()!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr


def test_a_stored_judge_needs_no_import(client, store_path):
    """A program that has not imported the scorers reads a stored one as what it is."""
    ref = weavelite.publish(made("LLMJudge"), "judge")
    weavelite.finish()
    code = (
        f"import weavelite; weavelite.init('test', store={str(store_path)!r})\n"
        f"print(type(weavelite.get({str(ref)!r})).__module__)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "weavelite.scorers.judge", done.stderr


def test_scores_go_through_an_evaluation(client, run):
    """Scorers by rule run side by side in one evaluation; keys that are better lower say so."""
    rows = [{"question": "Capital?", "target": "Paris", "pattern": "P"}]
    wanted = ["ExactMatchScorer", "LevenshteinScorer", "RegexScorer", "ROUGEScorer", "BLEUScorer"]
    evaluation = weavelite.Evaluation(dataset=rows, scorers=[made(name) for name in wanted])

    @weavelite.op
    def answer(question):
        return "Paris"

    summary = run(evaluation.evaluate(answer))
    assert "errors" not in summary and json.dumps(summary)
    assert summary["ExactMatchScorer"]["true_fraction"] == 1
    assert summary["LevenshteinScorer"]["levenshtein_distance"] == {"mean": 0}
    assert made("LevenshteinScorer").higher_is_better["levenshtein_distance"] is False
