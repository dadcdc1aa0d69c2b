"""What an earlier run has done is not run again, and what is taken over is what would have come."""

import asyncio
import os
import subprocess
import sys
import textwrap
from dataclasses import dataclass

import pytest

import weavelite
from weavelite.errors import NotFoundError
from weavelite.eval.earlier import Wanted, earlier_cells, model_of
from weavelite.records.words import CELL, EVALUATE
from weavelite.verdicts import row_digest

ROWS = [{"i": n} for n in range(6)]


class Doubler(weavelite.Model):
    """Doubles, and notes what it was asked."""

    factor: int = 2

    def predict(self, i):
        ASKED.append(i)
        if i == 4:
            raise ValueError("four")
        return i * self.factor


ASKED: list[int] = []


@pytest.fixture(autouse=True)
def asked():
    ASKED.clear()
    return ASKED


def even(output):
    return output % 2 == 0


def small(output):
    return output < 5


def run(model, scorers=(even,), rows=ROWS, **options):
    evaluation = weavelite.Evaluation(
        name="doubling", dataset=rows, scorers=list(scorers), trials=options.pop("trials", 1)
    )
    return asyncio.run(evaluation.evaluate(model, **options))


def runs(client):
    return list(client.get_calls({"op_names": [EVALUATE]}))


def cells(client, run):
    return [cell for cell in run.children() if cell.op_name == CELL]


def test_a_second_run_asks_nothing_that_was_answered(client, asked):
    """With reuse, the same model on the same rows is not asked, and the summary is the same."""
    first = run(Doubler())
    assert len(asked) == 6
    again = run(Doubler(), reuse=True)
    assert len(asked) == 6
    assert again == first
    assert runs(client)[1].summary["cells"]["reused"] == 6


def test_nothing_is_taken_over_unless_it_is_asked_for(client, asked):
    """Without reuse every row is asked."""
    run(Doubler())
    run(Doubler())
    assert len(asked) == 12


@pytest.mark.parametrize(
    "change",
    [
        lambda: run(Doubler(factor=4), reuse=True),
        lambda: run(Doubler(), rows=[{"i": n, "more": 1} for n in range(6)], reuse=True),
    ],
    ids=["a field of the model", "the rows"],
)
def test_what_has_changed_is_run(client, asked, change):
    """Another field of the model, or other rows, and every cell runs."""
    run(Doubler())
    change()
    assert len(asked) == 12


def test_new_rows_and_trials_alone_are_run(client, asked):
    """A longer dataset and more trials run what is new."""
    run(Doubler())
    run(Doubler(), rows=[*ROWS, {"i": 9}], trials=2, reuse=True)
    assert sorted(asked) == sorted([*range(6), *range(6), 9, 9])


def test_equal_rows_are_taken_over_one_by_one(client, asked):
    """A row that is there twice is run once more when one answer is there."""
    run(Doubler(), rows=[{"i": 1}])
    run(Doubler(), rows=[{"i": 1}, {"i": 1}], reuse=True)
    assert asked == [1, 1]


def test_runs_are_looked_through_until_no_cell_is_missing(client):
    """Older runs are not read once newer ones have every cell; else they fill what is missing."""
    for rows in (ROWS, ROWS[:3], ROWS[:2]):
        run(Doubler(), rows=rows)
    run(Doubler(), rows=ROWS[:2], reuse=True)
    run(Doubler(), rows=ROWS[:3], reuse=True)
    _oldest, middle, newest, of_two, of_three = runs(client)
    assert of_two.summary["cells"]["from"] == [newest.id]
    assert of_three.summary["cells"]["from"] == [of_two.id, middle.id]

    def older():
        yield client.store.call("local/test", newest.id)
        raise AssertionError("an older run was asked for")

    wanted = Wanted(model_of(client.store.call("local/test", newest.id)), {}, None)
    digest = row_digest(client.store.call("local/test", cells(client, newest)[0].id))
    found = earlier_cells(client, wanted, older(), {(digest, 0)})
    assert not found.missing and found.runs == [newest.id]


def test_a_changed_scorer_scores_the_answers_that_are_there(client, asked):
    """A new scorer is run on the old answers; its score is feedback on the call that predicted."""
    run(Doubler())
    summary = run(Doubler(), scorers=(even, small), reuse=True)
    assert len(asked) == 6
    assert summary["small"]["true_count"] == 3
    assert summary["even"]["true_count"] == 5
    predicted = list(client.get_calls({"op_names": ["Doubler.predict"]}))
    given = {feedback.type for feedback in predicted[0].feedback}
    assert given == {"wandb.runnable.even", "wandb.runnable.small"}
    assert runs(client)[1].summary["cells"]["rescored"] == {"small": 5}


def test_a_run_in_the_store_is_scored_without_its_model(client, asked):
    """Rescoring gives a run of the same model with other scores, and asks the model nothing."""
    run(Doubler())
    evaluation = weavelite.Evaluation(dataset=ROWS, scorers=[small])
    summary = asyncio.run(evaluation.rescore(runs(client)[0].id))
    assert summary["small"]["true_count"] == 3
    assert len(asked) == 6
    first, second = runs(client)
    assert first.inputs["model"] == second.inputs["model"]


def test_reused_cells_point_to_where_they_ran(client):
    """A cell taken over from one that was itself taken over names the one that ran."""
    run(Doubler())
    run(Doubler(), reuse=True)
    run(Doubler(), reuse=True)
    found = [cells(client, each) for each in runs(client)]
    origins = [cell.id for cell in found[0]]
    for later in found[1:]:
        assert [cell.attributes["reused"]["from"] for cell in later] == origins


def test_errors_of_the_model_stay_and_those_of_the_infrastructure_run_again(client, monkeypatch):
    """Asking until it works would flatter the model; a lost connection says nothing of it."""
    monkeypatch.setenv("DOWN", "1")

    def flaky(i):
        print(f"asked {i}")
        if i == 1:
            raise ValueError("one")
        if i == 2 and os.environ.get("DOWN"):
            raise ConnectionError("down")
        return i

    summary = run(flaky, retries=0)
    assert summary["errors"]["model"] == 1
    assert summary["errors"]["infrastructure"]["model"] == 1
    monkeypatch.delenv("DOWN")
    again = run(flaky, retries=0, resume=True)
    assert again["errors"] == {"model": 1, "scorers": {}}
    assert runs(client)[1].summary["cells"]["run"] == 1


def test_a_model_whose_state_has_changed_runs_again(client):
    """A method of an object that is no Model is known by what the object holds."""

    class Plain:
        def __init__(self, more):
            self.more = more

        def answer(self, i):
            return i + self.more

    for more in (1, 1, 2):
        run(Plain(more).answer, reuse=True)
    reused = [each.summary.get("cells", {}).get("reused", 0) for each in runs(client)]
    assert reused == [0, 6, 0]


def test_a_model_without_code_runs_again(client, asked):
    """With code capture off nobody knows whether the model is the same."""

    @weavelite.op(enable_code_capture=False)
    def hidden(i):
        ASKED.append(i)
        return i

    run(hidden)
    run(hidden, reuse=True)
    assert len(asked) == 12


@dataclass
class Answer:
    value: int


def worth(output):
    return output.value


def test_a_new_scorer_gets_what_the_model_returned(client, asked):
    """An answer that JSON alone cannot give back is given back, or is asked for again."""

    @weavelite.op
    def wraps(i):
        ASKED.append(i)
        return Answer(i)

    def exists(output):
        return output is not None

    run(wraps, scorers=[exists])
    summary = run(wraps, scorers=[exists, worth], reuse=True)
    assert summary["worth"] == {"mean": 2.5}
    assert "errors" not in summary


def test_a_changed_package_is_named(client, monkeypatch, capfd):
    """Cells that ran with another version of a package say so."""
    monkeypatch.setattr(sys.modules["weavelite.eval.provenance"], "__version__", "0.0.1")
    run(Doubler())
    monkeypatch.undo()
    run(Doubler(), reuse=True)
    assert "weavelite 0.0.1 → " in capfd.readouterr().err


def test_an_unknown_run_is_said(client):
    """A run that is not there, or is no run, is named before anything is asked."""
    with pytest.raises(NotFoundError):
        run(Doubler(), resume="01a202c2-b8e1-7f0a-b599-34628154670d")
    assert not ASKED


KILLED = """
import asyncio, os, sys
import weavelite

weavelite.init("killed")

async def answer(i):
    await asyncio.sleep(0.01)
    if i == 15 and os.environ.get("DIE"):
        os.kill(os.getpid(), 9)
    print(i, flush=True)
    return i

evaluation = weavelite.Evaluation(
    name="killed", dataset=[{"i": i} for i in range(20)], scorers=[lambda output: True]
)
asyncio.run(evaluation.evaluate(answer, resume=True, parallelism=2))
"""


def test_a_killed_run_goes_on_where_it_stopped(tmp_path):
    """After kill -9 the rows that were answered are not asked again, however often it happens."""
    script = tmp_path / "killed.py"
    script.write_text(textwrap.dedent(KILLED))
    environment = {**os.environ, "WEAVELITE_HOME": str(tmp_path), "WEAVELITE_PRINT_LINK": "false"}

    def start(**more):
        return subprocess.run(
            [sys.executable, str(script)],
            env=environment | more, capture_output=True, text=True, check=False,
        )  # fmt: skip

    first, second, third = start(DIE="1"), start(DIE="1"), start()
    assert first.returncode == second.returncode == -9
    answered = [set(map(int, done.stdout.split())) for done in (first, second, third)]
    assert len(answered[0]) >= 13
    assert len(answered[0] & answered[1]) <= 2  # answered, but the cell had not ended
    assert len(answered[2]) <= 7
    assert set.union(*answered) == set(range(20))


def test_an_op_of_an_object_without_a_version_runs_again(client, capfd):
    """An op that is a method of a plain object is one version whatever the object holds."""

    class Plain:
        @weavelite.op
        def answer(self, i):
            return i

    run(Plain().answer)
    run(Plain().answer, reuse=True)
    assert "cells" not in runs(client)[1].summary
    assert "Plain that its method belongs to has no version" in capfd.readouterr().err


PROMPT = {"text": "Double it"}
CACHE: dict[int, str] = {}


@weavelite.op
def prompted(i):
    ASKED.append(i)
    CACHE[i] = f"{PROMPT['text']} {i}"
    return CACHE[i]


def test_what_a_function_names_is_part_of_it_at_each_run(client, asked, monkeypatch):
    """In a notebook a prompt is changed in a cell of its own; the model is then another one."""
    first = run(prompted, scorers=[length], reuse=True)
    monkeypatch.setitem(PROMPT, "text", "Double it, please")
    second = run(prompted, scorers=[length], reuse=True)

    assert len(asked) == 2 * len(ROWS)
    assert second["length"]["mean"] > first["length"]["mean"]
    assert len({call.inputs["model"] for call in runs(client)}) == 2


def undecorated(i):
    CACHE[i] = "known"
    ASKED.append(i)
    return CACHE[i]


@pytest.mark.parametrize("model", [prompted, undecorated])
def test_what_a_run_changes_itself_is_no_change_of_the_model(client, asked, model):
    """A model that fills a cache or counts its calls is the same model afterwards."""
    run(model, scorers=[length], reuse=True)
    run(model, scorers=[length], reuse=True)

    assert len(asked) == len(ROWS)


def length(output):
    return len(output)


class Adding:
    """Prepares rows by what it holds."""

    def __init__(self, n):
        self.n = n

    def __call__(self, row):
        return {"i": row["i"] + self.n}


def test_what_an_object_that_prepares_rows_holds_counts(client, asked):
    """Cells of rows that were prepared in another way are not taken over."""
    model = Doubler()
    for n in (1, 1, 2):
        evaluation = weavelite.Evaluation(
            name="prepared", dataset=[{"i": 1}], preprocess_model_input=Adding(n)
        )
        asyncio.run(evaluation.evaluate(model, reuse=True))

    assert asked == [2, 3]


def test_what_is_not_in_the_store_is_not_scored(client, asked, capfd):
    """A new scorer gets no answer whose secrets were taken out: the model is asked again."""

    def keyed(i):
        ASKED.append(i)
        return {"api_key": f"the {i}th", "i": i}

    def complete(output):
        return output["api_key"].startswith("the")

    run(keyed, scorers=[length])
    again = run(keyed, scorers=[complete], reuse=True)

    assert again["complete"]["true_fraction"] == 1
    assert len(asked) == 2 * len(ROWS)
    assert "secrets are taken out" in capfd.readouterr().err


def test_a_tuple_in_an_answer_is_no_list(client, asked):
    """An answer in which something is more than JSON gives back is asked for again."""

    def paired(i):
        ASKED.append(i)
        return {"pair": (i, i)}

    def is_pair(output):
        return isinstance(output["pair"], tuple)

    run(paired, scorers=[length])
    again = run(paired, scorers=[is_pair], reuse=True)

    assert again["is_pair"]["true_fraction"] == 1
    run(paired, scorers=[is_pair], reuse=True)
    assert len(asked) == 2 * len(ROWS)


def test_an_unfinished_run_is_found_behind_others(client, asked):
    """Runs of the model by other evaluations do not hide the one to be gone on with."""
    lost = [True]

    def judge(output):
        if lost:
            raise ConnectionError("gone")
        return True

    def go(name, **options):
        evaluation = weavelite.Evaluation(name=name, dataset=ROWS, scorers=[judge])
        return asyncio.run(evaluation.evaluate(Doubler(), retries=0, **options))

    go("mine")
    lost.clear()
    for n in range(5):
        go(f"other-{n}")
    asked.clear()
    assert go("mine", resume=True)["judge"]["true_count"] == len(ROWS) - 1
    assert asked == []


def test_an_attribute_that_is_called_run_stops_nothing(client, asked):
    """What a user notes under the name that facts of a run have is passed over."""
    with weavelite.attributes({"run": "nightly"}):
        run(Doubler())
    logged = weavelite.EvaluationLogger(
        "doubling", model=Doubler(), dataset=ROWS, eval_attributes={"run": "nightly"}
    )
    for row in ROWS:
        logged.log_example(row, row["i"] * 2, {"even": True})
    logged.log_summary()
    run(Doubler(), reuse=True)
    run(Doubler(), resume=True)


def test_a_resume_that_finds_nothing_says_so(client, capfd):
    """Without an unfinished run all is run, and the summary says why."""
    run(Doubler())
    run(Doubler(), resume=True)
    assert "no unfinished run of this model was there to resume" in capfd.readouterr().err


def test_runs_of_no_known_program_are_no_program_together(client, asked, monkeypatch):
    """Runs that do not say which program made them are gone on with one by one."""
    monkeypatch.setattr("weavelite.eval.provenance.PROGRAM", "")
    run(Doubler(), rows=ROWS[:1])
    run(Doubler(), rows=ROWS[1:2])
    run(Doubler(), rows=ROWS[:2], resume=runs(client)[1].id)
    assert asked == [0, 1, 0]
