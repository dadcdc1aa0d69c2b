"""A user's own loop logs the same run that an evaluation would have made."""

import asyncio
import math

import pytest

import weavelite
from weavelite import EvaluationLogger
from weavelite.errors import EvaluationError
from weavelite.records.words import CELL, EVALUATE

ROWS = [{"q": "a"}, {"q": "b"}]


def tree(client):
    calls = list(client.get_calls())
    names = {call.id: call.op_name for call in calls}
    return sorted((call.op_name, names.get(call.parent_id, "")) for call in calls)


def run_of(client):
    [run] = client.get_calls({"op_names": [EVALUATE]})
    return run


def test_the_tree_is_that_of_an_evaluation(client):
    """Evaluate, a cell for each prediction, the prediction and its scores below, and a summary."""
    run = EvaluationLogger(name="mine", model="small", dataset=ROWS)
    for row in ROWS:
        prediction = run.log_prediction(row, output=row["q"].upper())
        prediction.log_score("loud", True)
        prediction.finish()
    run.log_summary({"note": 7})
    assert tree(client) == [
        (EVALUATE, ""),
        (CELL, EVALUATE),
        (CELL, EVALUATE),
        ("Evaluation.summarize", EVALUATE),
        ("Model.predict", CELL),
        ("Model.predict", CELL),
        ("loud", CELL),
        ("loud", CELL),
    ]
    found = run_of(client)
    assert found.display_name == "mine"
    assert found.output == {"loud": {"true_count": 2, "true_fraction": 1.0}, "note": 7}
    assert found.attributes["_weave_eval_meta"] == {"imperative": True}
    predicted = list(client.get_calls({"op_names": ["Model.predict"]}))
    assert [call.output for call in predicted] == ["A", "B"]
    assert [call.feedback[0].type for call in predicted] == ["wandb.runnable.loud"] * 2


def test_the_same_row_is_the_same_row_in_both_ways(client):
    """A row logged by hand pairs with that row in an evaluation of the same dataset."""
    evaluation = weavelite.Evaluation(dataset=ROWS, scorers=[lambda output: True])
    asyncio.run(evaluation.evaluate(lambda q: q))
    run = EvaluationLogger(dataset=ROWS)
    for row in ROWS:
        run.log_example(row, "x", {"fine": True})
    run.finish()
    refs = [cell.inputs["example"] for cell in client.get_calls({"op_names": [CELL]})]
    digests = [ref.rpartition("/")[2] for ref in refs]
    assert digests[:2] == digests[2:]


def test_a_row_of_no_dataset_can_be_read(client):
    """What stands for a row that was only logged gives the row."""
    run = EvaluationLogger(dataset="by name")
    run.log_example({"q": "z"}, "Z", {"fine": True})
    run.log_example({"q": "z"}, "Z", {"fine": True})
    run.finish()
    first, second = client.get_calls({"op_names": [CELL]})
    assert weavelite.get(first.inputs["example"]) == {"q": "z"}
    assert second.inputs["trial"] == 1


def test_calls_in_a_block_are_below_what_they_belong_to(client):
    """What is called while predicting and scoring is below the prediction and the score."""

    @weavelite.op
    def think(q):
        return q * 2

    @weavelite.op
    def judge(output):
        return len(output) == 2

    run = EvaluationLogger(model={"name": "m", "temperature": 0.5})
    with run.log_prediction({"q": "a"}) as prediction:
        prediction.output = think("a")
        with prediction.log_score("length") as score:
            score.value = judge(prediction.output)
    run.log_summary()
    pairs = tree(client)
    assert ("think", "Model.predict") in pairs
    assert ("length", CELL) in pairs
    assert ("judge", "length") in pairs
    assert run_of(client).output["model_latency"]["mean"] > 0


def test_errors_are_data(client):
    """A prediction and a score that raise are errors of theirs, and are raised to the user."""
    run = EvaluationLogger()
    with pytest.raises(ValueError, match="no answer"), run.log_prediction({"q": "a"}):
        raise ValueError("no answer")
    prediction = run.log_prediction({"q": "b"}, "B")
    with pytest.raises(ValueError, match="no score"), prediction.log_score("s"):
        raise ValueError("no score")
    prediction.finish()
    run.log_summary()
    assert run_of(client).output["errors"] == {"model": 1, "scorers": {"s": 1}}


def test_scores_of_coroutines(client):
    """Scores can be awaited, alone and as a block."""

    async def main():
        run = EvaluationLogger()
        prediction = run.log_prediction({"q": "a"}, "A")
        await prediction.alog_score("a", 1)
        async with await prediction.alog_score("b") as score:
            score.value = 2.0
        prediction.finish()
        run.log_summary()

    asyncio.run(main())
    assert run_of(client).output == {"a": {"mean": 1.0}, "b": {"mean": 2.0}}


def test_nan_is_kept(client):
    """A score that could not be worked out is not passed over."""
    run = EvaluationLogger()
    run.log_example({"q": 1}, "A", {"s": math.nan})
    run.log_summary()
    [cell] = client.get_calls({"op_names": [CELL]})
    assert math.isnan(cell.output["scores"]["s"])
    assert math.isnan(run_of(client).output["s"]["mean"])


def test_what_has_ended_takes_nothing_more(client):
    """Scores after finish() and predictions after log_summary() are refused, saying why."""
    run = EvaluationLogger()
    prediction = run.log_prediction({"q": 1}, "A")
    prediction.finish()
    with pytest.raises(EvaluationError, match="finished"):
        prediction.log_score("s", 1)
    run.log_summary()
    with pytest.raises(EvaluationError, match="has ended"):
        run.log_prediction({"q": 1})
    run.finish()


def test_a_failed_run_is_one(client):
    """What ends a run by an exception is on the run; open predictions are kept."""
    with pytest.raises(KeyError), EvaluationLogger(name="bad") as run:
        run.log_prediction({"q": 1}, "A").log_score("s", True)
        raise KeyError("gone")
    found = run_of(client)
    assert found.status == "error"
    assert [cell.output["scores"] for cell in found.children()] == [{"s": True}]


def test_without_tracing_nothing_is_kept_and_nothing_fails():
    """A program that is not traced logs into the air."""
    run = EvaluationLogger(dataset=ROWS)
    with run.log_prediction(ROWS[0]) as prediction:
        prediction.output = "x"
        prediction.log_score("s", True)
    run.log_summary()
    assert run.ui_url is None


def test_an_evaluation_gives_its_results_and_finds_its_runs(client):
    """Results come without a summary; runs, score calls and scores are found again."""

    def right(q, output):
        return output == q

    evaluation = weavelite.Evaluation(dataset=ROWS, scorers=[right], name="found")
    results = asyncio.run(evaluation.get_eval_results(lambda q: q))
    assert [row["output"] for row in results.rows] == ["a", "b"]
    assert evaluation.summarize(results)["right"] == {"true_count": 2, "true_fraction": 1.0}
    asyncio.run(evaluation.evaluate(lambda q: "a"))
    [run] = evaluation.get_evaluate_calls()
    [calls] = evaluation.get_score_calls().values()
    assert [call.output for call in calls] == [True, False]
    assert evaluation.get_scores() == {run.trace_id: {"right": [True, False]}}


def test_a_block_may_end_in_another_task(client):
    """A prediction that one task begins and another ends is kept, and breaks nothing."""

    async def begin(block):
        block.__enter__()

    async def end(block):
        block.__exit__(None, None, None)

    async def main():
        run = EvaluationLogger()
        prediction = run.log_prediction({"q": "a"})
        await asyncio.create_task(begin(prediction))
        prediction.output = "A"
        score = prediction.log_score("s")
        await asyncio.create_task(begin(score))
        score.value = 1
        await asyncio.create_task(end(score))
        await asyncio.create_task(end(prediction))
        run.log_summary()

    asyncio.run(main())
    assert run_of(client).output["s"] == {"mean": 1.0}


@pytest.mark.parametrize("inputs", ["a question", None, [("q", "a")]])
def test_inputs_that_are_no_row_are_refused_in_words(client, inputs):
    """What is no dictionary is named, and leaves no prediction behind."""
    run = EvaluationLogger()
    with pytest.raises(EvaluationError, match="inputs is a dictionary"):
        run.log_prediction(inputs)
    run.log_summary()
    assert run_of(client).output == {}
