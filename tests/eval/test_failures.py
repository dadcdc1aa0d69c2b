"""What a model or a scorer raises costs its own row at most; what ends the run ends it cleanly."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest

import weavelite
from weavelite.errors import EvaluationError, StoreError
from weavelite.eval.report import print_summary
from weavelite.journal.drain import drain_all
from weavelite.query import CallQuery
from weavelite.records.words import CELL, EVALUATE
from weavelite.store.sqlite import SqliteStore


def cells(client):
    return list(client.get_calls(filter={"op_names": [CELL]}))


async def cancelled(i):
    if i in (1, 3):
        raise asyncio.CancelledError
    return i


def cancelled_in_a_thread(i):
    if i in (1, 3):
        raise asyncio.CancelledError
    return i


def exits(i):
    if i in (1, 3):
        sys.exit(3)
    return i


async def exits_async(i):
    return exits(i)


@pytest.mark.parametrize("model", [cancelled, cancelled_in_a_thread, exits, exits_async])
def test_a_model_that_gives_up_is_data(client, evaluate, model):
    """A CancelledError of the model's own and SystemExit are errors of their rows, and counted."""
    summary = evaluate(model)
    assert summary["exact"]["true_count"] == 4
    assert summary["errors"] == {"model": 2, "scorers": {}}
    found = cells(client)
    assert [cell.status for cell in found] == ["success"] * 6
    assert sum("errors" in cell.output for cell in found) == 2


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_a_scorer_that_gives_up_is_data(client, evaluate, kind):
    """What a scorer raises to end the program is an error of that scorer in its rows."""

    def judge(output):
        return sys.exit() if output == 2 else True

    async def judge_async(output):
        if output == 2:
            raise asyncio.CancelledError
        return True

    scorer = judge if kind == "sync" else judge_async
    summary = evaluate(lambda i: i, scorer)
    assert summary["errors"] == {"model": 0, "scorers": {scorer.__name__: 1}}


@pytest.mark.parametrize("kind", ["threads", "tasks"])
def test_a_cancelled_evaluation_ends(client, rows, kind):
    """Who cancels an evaluation has it back at once; cells are done, or errors."""

    async def waits(i):
        await asyncio.sleep(60 if i >= 3 else 0)
        return i

    def waits_sync(i):
        time.sleep(2 if i >= 3 else 0)
        return i

    evaluation = weavelite.Evaluation(dataset=rows)
    model = waits if kind == "tasks" else waits_sync
    started = time.monotonic()
    with pytest.raises(TimeoutError):
        asyncio.run(asyncio.wait_for(evaluation.evaluate(model), 0.5))
    assert time.monotonic() - started < 1.8
    (run,) = client.get_calls(filter={"op_names": [EVALUATE]})
    assert run.status == "error"
    states = sorted(cell.status for cell in cells(client))
    assert states == ["error"] * 3 + ["success"] * 3


def test_a_lost_cell_is_said(client, rows):
    """An evaluation whose worker is killed from outside says so, and gives no summary."""

    async def kills_its_own_task(i):
        if i == 2:
            asyncio.current_task().cancel()
        await asyncio.sleep(0)
        return i

    with pytest.raises(EvaluationError, match="1 of 6 cells"):
        asyncio.run(weavelite.Evaluation(dataset=rows).evaluate(kills_its_own_task))
    assert sorted(cell.status for cell in cells(client)) == ["error"] + ["success"] * 5


PROGRAM = """
    import asyncio, sys, time, weavelite
    weavelite.init("test", store=sys.argv[1])
    done = []
    def said():
        done.append(1)
        if len(done) == 3: print("waiting", flush=True)
    def sync(n):
        if n >= 5:
            said()
            time.sleep(60)
        return n
    async def tasks(n):
        if n >= 5:
            said()
            await asyncio.sleep(60)
        return n
    rows = [{"n": n} for n in range(8)]
    model = {"sync": sync, "tasks": tasks}[sys.argv[2]]
    asyncio.run(weavelite.Evaluation(dataset=rows, scorers=[lambda output: True]).evaluate(model))
    """


@pytest.mark.parametrize("kind", ["sync", "tasks"])
def test_an_interrupt_ends_the_program(tmp_path, kind):
    """Ctrl-C ends the program at once; what is done stays, and the run has an error."""
    path = tmp_path / "weavelite.db"
    program = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(PROGRAM), str(path), kind],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert program.stdout.readline() == "waiting\n"
    time.sleep(0.3)
    started = time.monotonic()
    program.send_signal(signal.SIGINT)
    _, errors = program.communicate(timeout=30)
    assert time.monotonic() - started < 15
    assert errors.strip().endswith("KeyboardInterrupt")
    assert program.returncode != 0
    store = SqliteStore(path)
    drain_all(store, path)
    found = list(store.details(CallQuery(project="local/test", op_names=[CELL])))
    (run,) = store.details(CallQuery(project="local/test", op_names=[EVALUATE]))
    outputs = [cell.output["output"] for cell in found if cell.status == "success"]
    assert sorted(outputs) == [0, 1, 2, 3, 4]
    assert [cell.status for cell in found].count("error") == 3
    assert run.status == "error"
    store.close()


def test_names_are_not_markup(client, evaluate, capfd):
    """Square brackets in names of runs, scores and errors are printed as they are."""
    summary = evaluate(
        lambda i: i, lambda output: {"[/b]": 1}, evaluation_name="prompt [/v2] [red]test"
    )
    assert summary["lambda"] == {"[/b]": {"mean": 1.0}}
    printed = capfd.readouterr().err
    assert "prompt [/v2] [red]test" in printed and "lambda.[/b]" in printed


def test_a_table_never_costs_the_summary(caplog):
    """What goes wrong while the table is made or printed is logged, and not raised."""
    print_summary("x", {}, "many", None)
    assert "could not be printed" in caplog.text


@pytest.mark.parametrize(
    "option",
    [{"parallelism": 2.5}, {"parallelism": "3"}, {"retries": -1}, {"timeout": 0}, {"timeout": "1"}],
)
def test_options_that_make_no_sense_are_named(client, rows, option):
    """An option is refused by its name, before anything runs."""
    evaluation = weavelite.Evaluation(dataset=rows, scorers=[])
    with pytest.raises(EvaluationError, match=next(iter(option))):
        asyncio.run(evaluation.evaluate(lambda i: i, **option))


def test_a_store_that_cannot_be_read_costs_no_run(tmp_path):
    """Calls wait in the journal, and the summary is the same; what asks for the store is told."""
    (tmp_path / "weavelite.db").write_bytes(b"no database" * 1000)
    weavelite.init("test", store=tmp_path / "weavelite.db")
    try:
        evaluation = weavelite.Evaluation(dataset=[{"i": 1}], scorers=[])
        assert asyncio.run(evaluation.evaluate(lambda i: i))["output"] == {"mean": 1.0}
        with pytest.raises(StoreError):
            asyncio.run(evaluation.evaluate(lambda i: i, reuse=True))
    finally:
        weavelite.finish()
