"""Whatever a scorer returns is kept as plain JSON, and summed up."""

import dataclasses
import math

import pytest
from pydantic import BaseModel

from weavelite.records.words import CELL, EVALUATE

numpy = pytest.importorskip("numpy")


class Verdict(BaseModel):
    ok: bool
    worth: float


@dataclasses.dataclass
class Noted:
    ok: bool
    worth: float


HALF = {"ok": {"true_count": 6, "true_fraction": 1.0}, "worth": {"mean": 0.5}}


@pytest.mark.parametrize(
    ("score", "summed"),
    [
        (numpy.bool_(True), {"true_count": 6, "true_fraction": 1.0}),
        (numpy.float64(0.5), {"mean": 0.5}),
        (numpy.int32(2), {"mean": 2.0}),
        ({"s": numpy.float32(0.5)}, {"s": {"mean": 0.5}}),
        (Verdict(ok=True, worth=0.5), HALF),
        (Noted(ok=True, worth=0.5), HALF),
        ({"inner": Noted(ok=True, worth=0.5)}, {"inner": HALF}),
        (1 << 70, {"mean": float(1 << 70)}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_scores_of_any_type_are_summed_up(client, evaluate, score, summed):
    """Numbers of numpy, pydantic objects and dataclasses count as their plain values do."""

    def judge(output):
        return score

    assert evaluate(lambda i: i, judge)["judge"] == summed


@pytest.mark.parametrize("nested", [True, False])
def test_nan_is_kept_and_said(client, evaluate, capfd, nested):
    """A mean over NaN is NaN; the record keeps NaN, and the terminal counts the cells."""

    def judge(output):
        score = float("nan") if output == 2 else 1.0
        return {"inner": score} if nested else score

    summed = evaluate(lambda i: i, judge)["judge"]
    assert math.isnan((summed["inner"] if nested else summed)["mean"])
    scores = [c.output["scores"]["judge"] for c in client.get_calls(filter={"op_names": [CELL]})]
    numbers = [score["inner"] if nested else score for score in scores]
    assert sum(math.isnan(number) for number in numbers) == 1
    assert "1 cells with NaN" in capfd.readouterr().err
    given = [f.payload["output"] for c in client.get_calls() for f in c.feedback]
    assert len(given) == 6 and None not in given


def test_a_score_is_as_it_was_returned(client, evaluate, monkeypatch):
    """A scorer that changes what it returned before changes no score that is made."""
    monkeypatch.setenv("WEAVELITE_PARALLELISM", "1")  # `kept` is one for all threads
    kept = {"n": 0}

    def judge(output):
        kept["n"] = output
        return kept

    assert evaluate(lambda i: i, judge)["judge"] == {"n": {"mean": 2.5}}


def test_a_mean_that_is_nan_is_stored_as_one(client, evaluate):
    """The summary of a run in the store says NaN where the one that is returned does."""
    evaluate(lambda i: i, lambda output: math.nan)
    [run] = client.get_calls({"op_names": [EVALUATE]})
    assert math.isnan(run.output["lambda"]["mean"])
