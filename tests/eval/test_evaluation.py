"""An evaluation asks a model every row, judges its answers, and keeps what happened."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time

import pytest
from pydantic import ValidationError

import weavelite
from weavelite import instrument
from weavelite.errors import EvaluationError
from weavelite.journal.drain import drain_all
from weavelite.query import CallQuery
from weavelite.records.words import CELL
from weavelite.store.sqlite import SqliteStore

ROWS = [{"id": n, "question": "q" * n, "answer": n} for n in range(1, 7)]


class Counter(weavelite.Model):
    offset: int = 0

    @weavelite.op
    def predict(self, question):
        return len(question) + self.offset


class AsyncCounter(weavelite.Model):
    @weavelite.op
    async def predict(self, question):
        await asyncio.sleep(0.001)
        return len(question)


@weavelite.op
def exact(answer, output):
    return answer == output


def distance(answer, output):
    return abs(answer - output)


class Close(weavelite.Scorer):
    within: int = 1

    @weavelite.op
    def score(self, *, output, target):
        return {"close": abs(target - output) <= self.within, "off": target - output}


def run(evaluation, model):
    return asyncio.run(evaluation.evaluate(model))


def tree(client):
    calls = list(client.get_calls())
    names = {call.id: call.op_name for call in calls}
    return sorted({(call.op_name, names.get(call.parent_id)) for call in calls}, key=str)


@pytest.mark.parametrize("model", [Counter(), AsyncCounter()], ids=["threads", "tasks"])
def test_the_summary_sums_up_all_rows(client, model):
    """Bools give counts and fractions, numbers means, dictionaries both; latency is there."""
    scorers = [exact, distance, Close(column_map={"target": "answer"})]
    summary = run(weavelite.Evaluation(dataset=ROWS, scorers=scorers), model)
    assert summary.pop("model_latency")["mean"] > 0
    assert summary == {
        "output": {"mean": 3.5},
        "exact": {"true_count": 6, "true_fraction": 1.0},
        "distance": {"mean": 0.0},
        "Close": {"close": {"true_count": 6, "true_fraction": 1.0}, "off": {"mean": 0.0}},
    }


@pytest.mark.parametrize("model", [Counter(), AsyncCounter()], ids=["threads", "tasks"])
def test_the_call_tree_is_weaves(client, model):
    """Under evaluate stand the cells and summarize; under a cell the prediction and the scores."""
    run(weavelite.Evaluation(dataset=ROWS, scorers=[exact, distance]), model)
    predict = f"{type(model).__name__}.predict"
    assert tree(client) == sorted(
        [
            ("Evaluation.evaluate", None),
            (CELL, "Evaluation.evaluate"),
            (predict, CELL),
            ("exact", CELL),
            ("distance", CELL),
            ("Evaluation.summarize", "Evaluation.evaluate"),
        ],
        key=str,
    )
    assert len(client.get_calls(filter={"op_names": [CELL]})) == 6


def test_cells_point_to_their_rows(client):
    """A cell's inputs are refs: of the evaluation, the model, and the row, which can be read."""
    evaluation = weavelite.Evaluation(name="ev", dataset=ROWS, scorers=[exact])
    run(evaluation, Counter(name="c"))
    cells = client.get_calls(filter={"op_names": [CELL]})
    rows = [weavelite.get(cell.inputs["example"]) for cell in cells]
    assert sorted(row["id"] for row in rows) == [1, 2, 3, 4, 5, 6]
    assert cells[0].inputs["self"].startswith("weave:///local/test/object/ev:")
    assert cells[0].inputs["model"].startswith("weave:///local/test/object/c:")
    assert cells[0].output["scores"] == {"exact": True}


def test_scores_are_feedback_on_the_prediction(client):
    """Each score is feedback on the call that it judges."""
    run(weavelite.Evaluation(dataset=ROWS[:1], scorers=[exact]), Counter())
    (call,) = client.get_calls(filter={"op_names": ["Counter.predict"]})
    (item,) = call.feedback
    assert (item.type, item.payload["output"]) == ("wandb.runnable.exact", True)


def test_errors_of_the_model_are_data(client):
    """A model that fails on a row gives that row no scores; the others are judged."""

    @weavelite.op
    def picky(question):
        if len(question) == 2:
            raise ValueError("two")
        return len(question)

    summary = run(weavelite.Evaluation(dataset=ROWS, scorers=[exact]), picky)
    assert summary["exact"] == {"true_count": 5, "true_fraction": 1.0}
    assert summary["errors"] == {"model": 1, "scorers": {}}
    failed = [c for c in client.get_calls(filter={"op_names": [CELL]}) if "errors" in c.output]
    assert [c.output["errors"]["model"] for c in failed] == ["ValueError: two"]
    assert failed[0].output["scores"] == {}


def test_errors_of_a_scorer_are_data(client):
    """A scorer that fails on a row leaves that score out, and the other scorers go on."""

    def fragile(output):
        return 1 / (output - 3)

    summary = run(weavelite.Evaluation(dataset=ROWS, scorers=[fragile, exact]), Counter())
    assert summary["exact"]["true_count"] == 6
    assert summary["errors"] == {"model": 0, "scorers": {"fragile": 1}}


def test_trials_ask_each_row_again(client):
    """With three trials each row is asked three times, and each cell says which time it is."""
    run(weavelite.Evaluation(dataset=ROWS[:2], scorers=[exact], trials=3), Counter())
    trials = [c.inputs.get("trial", 0) for c in client.get_calls(filter={"op_names": [CELL]})]
    assert sorted(trials) == [0, 0, 1, 1, 2, 2]


@pytest.mark.parametrize("kind", ["threads", "tasks"])
def test_rows_run_side_by_side(client, kind):
    """Rows wait at the same time: six rows that wait for each other all come through."""
    barrier = threading.Barrier(6, timeout=20)
    waiting = []

    def together(question):
        barrier.wait()
        return len(question)

    async def together_async(question):
        waiting.append(question)
        while len(waiting) < 6:
            await asyncio.sleep(0.001)
        return len(question)

    model = together if kind == "threads" else together_async
    summary = run(weavelite.Evaluation(dataset=ROWS, scorers=[exact]), model)
    assert summary["exact"]["true_count"] == 6


def test_tokens_are_summed_up(client):
    """Usage that calls under the prediction report is in the summary."""

    @weavelite.op
    def ask(question):
        call = instrument.start("chat", {}, kind="llm", model="m")
        instrument.end(call, "x", usage={"prompt_tokens": 10, "completion_tokens": 2})
        return len(question)

    summary = run(weavelite.Evaluation(dataset=ROWS, scorers=[exact]), ask)
    assert summary["model_tokens"] == {"mean": 12.0, "total": 72}


def test_inputs_can_be_prepared(client):
    """`preprocess_model_input` makes the model's arguments of a row; scorers see the row."""

    def model(text):
        return len(text)

    evaluation = weavelite.Evaluation(
        dataset=ROWS, scorers=[exact], preprocess_model_input=lambda row: {"text": row["question"]}
    )
    assert run(evaluation, model)["exact"]["true_count"] == 6


def test_a_missing_column_is_said_before_anything_runs(client):
    """A model or scorer that needs what the dataset lacks is refused by name, before row one."""
    asked = []

    def model(text):
        asked.append(text)

    with pytest.raises(EvaluationError, match=r"model needs 'text'.*'id', 'question', 'answer'"):
        run(weavelite.Evaluation(dataset=ROWS, scorers=[exact]), model)

    def judge(output, target):
        return True

    with pytest.raises(EvaluationError, match=r"Scorer judge needs .target..*column_map"):
        run(weavelite.Evaluation(dataset=ROWS, scorers=[judge]), Counter())
    assert asked == []


def test_what_cannot_be_evaluated_is_said(client):
    """A class for an object, a scorer without `output`, a model without a method: each is named."""
    evaluation = weavelite.Evaluation(dataset=ROWS, scorers=[exact])
    with pytest.raises(EvaluationError, match="Counter is a class"):
        run(evaluation, Counter)
    with pytest.raises(EvaluationError, match="int cannot be evaluated"):
        run(evaluation, 3)

    class Silent(weavelite.Model):
        pass

    with pytest.raises(EvaluationError, match="Silent cannot answer"):
        run(evaluation, Silent())
    with pytest.raises(EvaluationError, match=r"no argument .output."):
        run(weavelite.Evaluation(dataset=ROWS, scorers=[lambda answer: True]), Counter())
    for bad in ({"scorers": [3]}, {"scorers": [Close]}, {"scorers": [exact, exact]}, {"trials": 0}):
        with pytest.raises(ValidationError):
            weavelite.Evaluation(dataset=ROWS, **bad)


def test_it_runs_untraced():
    """Without `init` an evaluation runs, and gives the same summary."""
    summary = run(weavelite.Evaluation(dataset=ROWS, scorers=[exact]), Counter())
    assert summary["exact"]["true_count"] == 6


def test_it_runs_untraced_in_the_form_that_gives_its_call():
    """Without `init` the summary comes with a call that nobody keeps."""
    evaluation = weavelite.Evaluation(dataset=ROWS, scorers=[exact])
    summary, call = asyncio.run(weavelite.Evaluation.evaluate.call(evaluation, Counter()))
    assert summary["exact"]["true_count"] and not call.failed


def test_an_evaluation_comes_back(client):
    """A published evaluation is read back with its dataset and scorers, and runs."""
    evaluation = weavelite.Evaluation(
        name="ev", dataset=ROWS, scorers=[exact, Close(column_map={"target": "answer"})]
    )
    back = weavelite.publish(evaluation).get()
    assert run(back, Counter())["exact"]["true_count"] == 6


def test_a_changed_model_is_another_version(client):
    """Two runs with another field are runs of two versions of one model."""
    evaluation = weavelite.Evaluation(name="ev", dataset=ROWS, scorers=[exact])
    run(evaluation, Counter(name="c"))
    run(evaluation, Counter(name="c", offset=1))
    runs = client.get_calls(filter={"op_names": ["Evaluation.evaluate"]})
    assert len({r.inputs["model"] for r in runs}) == 2
    assert len({r.inputs["self"] for r in runs}) == 1


def test_cells_are_durable_when_they_are_done(tmp_path):
    """An evaluation that is killed keeps the cells that were done."""
    path = tmp_path / "weavelite.db"
    code = """
        import asyncio, sys, threading, time, weavelite
        weavelite.init("test", store=sys.argv[1])
        done = []
        def model(n):
            if n >= 5:
                while len(done) < 5: time.sleep(0.01)
                time.sleep(0.3)
                print("five", flush=True)
                time.sleep(60)
            return n
        def judge(output):
            done.append(output)
            return True
        rows = [{"n": n} for n in range(6)]
        asyncio.run(weavelite.Evaluation(dataset=rows, scorers=[judge]).evaluate(model))
        """
    program = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), str(path)], stdout=subprocess.PIPE, text=True
    )
    assert program.stdout.readline() == "five\n"
    program.send_signal(signal.SIGKILL)
    program.communicate()
    store = SqliteStore(path)
    drain_all(store, path)
    cells = store.details(CallQuery(project="local/test", op_names=[CELL], statuses=["success"]))
    assert sorted(cell.output["output"] for cell in cells) == [0, 1, 2, 3, 4]
    store.close()


def test_parallelism_is_a_setting(client):
    """WEAVELITE_PARALLELISM bounds how many rows run at once."""
    os.environ["WEAVELITE_PARALLELISM"] = "2"
    running, most, lock = [], [], threading.Lock()

    def model(question):
        with lock:
            running.append(1)
            most.append(len(running))
        time.sleep(0.01)
        with lock:
            running.pop()
        return len(question)

    run(weavelite.Evaluation(dataset=ROWS, scorers=[exact]), model)
    assert max(most) <= 2


def test_the_table_at_the_end(client, capfd):
    """At its end an evaluation prints its metrics with units, and where to look."""
    run(weavelite.Evaluation(dataset=ROWS, scorers=[exact], evaluation_name="mine"), Counter())
    printed = capfd.readouterr().err
    assert "mine" in printed and "100.0 %" in printed and "ms" in printed
    assert "http://127.0.0.1:8420/local/test/r/call/" in printed
