"""What can be a model, and how many rows are asked at once."""

import asyncio
import functools
import os
import threading
import time

import pytest

import weavelite
from weavelite.records.words import CELL, EVALUATE


class Callable:
    def __call__(self, i):
        return i


class AsyncCallable:
    async def __call__(self, i):
        await asyncio.sleep(0)
        return i


class TracedCallable:
    @weavelite.op
    def __call__(self, i):
        return i


def hands_out_a_coroutine(i):
    return AsyncCallable()(i)


@weavelite.op
def traced_coroutine(i):
    return AsyncCallable()(i)


MODELS = [
    Callable(),
    AsyncCallable(),
    TracedCallable(),
    hands_out_a_coroutine,
    traced_coroutine,
    functools.partial(AsyncCallable.__call__, None),
]


@pytest.mark.parametrize("model", MODELS)
def test_what_can_be_called_is_a_model(client, evaluate, model):
    """Objects with `__call__`, sync or not, and functions that return coroutines are asked."""
    summary = evaluate(model)
    assert summary["exact"] == {"true_count": 6, "true_fraction": 1.0}
    assert "errors" not in summary
    assert summary["model_latency"]["mean"] > 0


def test_what_can_be_called_is_a_scorer(client, evaluate):
    """A scorer may be an object with an async `__call__`, too."""

    class Judge:
        async def __call__(self, output):
            return output >= 3

    assert evaluate(lambda i: i, Judge())["Judge.__call__"]["true_count"] == 3


def stream(i):
    yield from str(i) * 2


async def stream_async(i):
    for letter in str(i) * 2:
        await asyncio.sleep(0.001)
        yield letter


def stream_numbers(i):
    time.sleep(0.01)
    yield i
    time.sleep(0.01)
    yield i


@pytest.mark.parametrize("traced", [True, False])
@pytest.mark.parametrize("model", [stream, stream_async, lambda i: stream(i)])
def test_a_stream_of_texts_is_a_text(client, evaluate, model, traced):
    """A generator that gives texts has answered when it is at its end: with all of them, joined."""
    model = weavelite.op(model) if traced else model
    assert evaluate(model, doubled)["doubled"]["true_count"] == 6


def doubled(i, output):
    return output == str(i) * 2


def test_a_stream_of_other_things_is_a_list(client, evaluate):
    """Other items are listed, and the latency is until the end of the stream."""
    summary = evaluate(stream_numbers, lambda i, output: output == [i, i])
    assert summary["lambda"]["true_count"] == 6
    assert summary["model_latency"]["mean"] > 0.02


def test_a_stream_that_fails_is_data(client, evaluate):
    """A generator that raises on its way is an error of its row."""

    def breaks(i):
        yield i
        if i == 2:
            raise ValueError("half way")

    summary = evaluate(breaks, lambda output: True)
    assert summary["errors"] == {"model": 1, "scorers": {}}
    found = client.get_calls(filter={"op_names": [CELL]})
    assert [c.output["errors"]["model"] for c in found if "errors" in c.output] == [
        "ValueError: half way"
    ]


def retry(function):
    """Asks again: what courses have people write around their ops."""

    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        for _ in range(2):
            try:
                return function(*args, **kwargs)
            except ValueError:
                pass
        return None

    return wrapper


def test_a_decorator_around_an_op_runs(client, evaluate, tree):
    """The outermost function is asked; the op inside is traced each time it runs."""
    tries = set()

    @retry
    @weavelite.op
    def flaky(i):
        if i not in tries:
            tries.add(i)
            raise ValueError
        return i

    summary = evaluate(flaky)
    assert summary["exact"]["true_count"] == 6
    calls = tree()
    assert [pair for pair in calls if pair[1] == CELL].count((flaky.__name__, CELL)) == 6
    assert calls.count(("flaky", "flaky")) == 12


def test_a_decorator_around_a_method_or_a_scorer_runs(client, evaluate):
    """Methods of models and scorers may have decorators around the op, too."""
    tries = []

    class Flaky(weavelite.Model):
        @retry
        @weavelite.op
        def predict(self, i):
            tries.append(i)
            if tries.count(i) == 1:
                raise ValueError
            return i

    @retry
    @weavelite.op
    def judge(i, output):
        tries.append(f"judged {i}")
        if tries.count(f"judged {i}") == 1:
            raise ValueError
        return i == output

    assert evaluate(Flaky(), judge)["judge"]["true_count"] == 6


@pytest.mark.parametrize("kind", ["sync model", "sync scorer of an async model"])
def test_forty_waiting_rows_wait_side_by_side(client, kind):
    """With a parallelism of 20 as many sync calls wait at once, whatever the processor has."""
    waiting, most, lock = [], [], threading.Lock()

    def slow(**row):
        with lock:
            waiting.append(1)
            most.append(len(waiting))
        time.sleep(0.2)
        with lock:
            waiting.pop()
        return True

    async def quick(i):
        return i

    rows = [{"i": n} for n in range(40)]
    model, scorers = (slow, []) if kind == "sync model" else (quick, [slow])
    asyncio.run(weavelite.Evaluation(dataset=rows, scorers=scorers).evaluate(model))
    assert max(most) == 20


def test_the_pool_of_the_user_is_left_alone(client, evaluate):
    """What a model itself sends to threads does not wait for the evaluation's own."""

    async def model(i):
        return await asyncio.to_thread(lambda: i)

    def slow(i, output):
        time.sleep(0.05)
        return i == output

    assert evaluate(model, slow)["slow"]["true_count"] == 6
    named = [t.name for t in threading.enumerate() if t.name.startswith("weavelite-eval")]
    assert all(t.daemon for t in threading.enumerate() if t.name in named)


def test_rows_that_compute_need_few_threads(client):
    """Rows that do not wait are not spread over threads, which would only be in their way."""
    seen = set()

    def model(i):
        seen.add(threading.get_ident())
        return sum(range(i))

    rows = [{"i": n} for n in range(200)]
    asyncio.run(weavelite.Evaluation(dataset=rows).evaluate(model))
    assert len(seen) < 10


def test_trials_do_not_see_each_other(client):
    """A model that changes its row changes it for its own trial at most."""
    os.environ["WEAVELITE_PARALLELISM"] = "1"

    def model(words):
        words.append("x")
        return len(words)

    evaluation = weavelite.Evaluation(dataset=[{"words": []}], trials=3)
    assert asyncio.run(evaluation.evaluate(model))["output"] == {"mean": 1.0}


@pytest.mark.parametrize("model", [hands_out_a_coroutine, lambda i: i, AsyncCallable()])
def test_one_cell_by_hand_is_one_call(client, rows, model, tree):
    """`predict_and_score` makes one cell, under the call that is current."""
    evaluation = weavelite.Evaluation(dataset=rows, scorers=[lambda i, output: i == output])

    @weavelite.op
    async def outer():
        return await evaluation.predict_and_score(model, {"i": 3})

    result = asyncio.run(outer())
    assert (result["output"], result["scores"]) == (3, {"lambda": True})
    pairs = tree()
    assert [pair for pair in pairs if pair[0] == CELL] == [(CELL, outer.name)]
    assert sum(pair[1] == CELL for pair in pairs) == 2


def test_it_runs_inside_a_running_loop(client, rows):
    """Awaited where a loop runs already, as in a notebook, it is a child of what awaits it."""

    @weavelite.op
    async def notebook():
        return await weavelite.Evaluation(dataset=rows).evaluate(lambda i: i)

    assert asyncio.run(notebook())["output"] == {"mean": 2.5}
    (run,) = client.get_calls(filter={"op_names": [EVALUATE]})
    assert run.parent_id is not None
