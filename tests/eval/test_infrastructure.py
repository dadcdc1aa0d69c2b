"""What lies between a program and its provider fails apart: tried again, and never a score."""

import asyncio
import email.utils
import time
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import weavelite
from weavelite.eval.failures import failure_of
from weavelite.eval.pace import FIRST_PAUSE, Pace, Paces, Patience
from weavelite.records.words import CELL


class Clock:
    """Is a clock that is moved by hand."""

    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


class HTTPError(Exception):
    """Looks as the errors of HTTP clients do."""

    def __init__(self, status, headers=None, host="api.example.org"):
        super().__init__(f"HTTP {status}")
        self.status_code = status
        self.response = SimpleNamespace(
            status_code=status, headers=headers or {}, url=f"https://{host}/v1"
        )


@pytest.mark.parametrize("status", [429, 503, 529])
def test_a_provider_that_is_busy_is_infrastructure(status):
    """429 and the like ask for fewer requests."""
    failure = failure_of(HTTPError(status))
    assert failure.is_infrastructure and failure.is_passing and failure.is_busy
    assert failure.provider == "api.example.org"


@pytest.mark.parametrize("status", [401, 402, 403])
def test_a_refused_key_is_not_tried_again(status):
    """Nobody blames the model for a wrong key, and asking again does not help."""
    failure = failure_of(HTTPError(status))
    assert failure.is_infrastructure and not failure.is_passing


@pytest.mark.parametrize("error", [ValueError("x"), HTTPError(400), HTTPError(422), KeyError("x")])
def test_what_the_program_does_wrong_is_its_own(error):
    """A bad request and an ordinary exception are errors of the model."""
    assert not failure_of(error).is_infrastructure


def test_the_cause_of_an_error_counts():
    """A framework's error that was raised from a lost connection is one."""
    try:
        try:
            raise ConnectionResetError("gone")
        except ConnectionResetError as inner:
            raise RuntimeError("chain failed") from inner
    except RuntimeError as error:
        failure = failure_of(error)
    assert failure.is_infrastructure and failure.text == "RuntimeError: chain failed"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7),
        ({"retry-after-ms": "1500"}, 1.5),
        ({"retry-after": "soon"}, None),
        ({}, None),
    ],
)
def test_retry_after_is_read(headers, seconds):
    """Seconds, milliseconds and dates are read; nonsense is passed over."""
    assert failure_of(HTTPError(429, headers)).retry_after == seconds


def test_retry_after_may_be_a_date():
    """A date stands for the seconds until then."""
    date = email.utils.formatdate(time.time() + 60, usegmt=True)
    found = failure_of(HTTPError(429, {"Retry-After": date})).retry_after
    assert found == pytest.approx(60, abs=3)


@given(st.lists(st.sampled_from(["start", "refused", "worked", "later"]), max_size=60))
def test_starts_are_never_closer_than_the_pace(events):
    """Once something was refused, two starts lie at least 1 / rate apart, and time goes forward."""
    clock = Clock()
    pace = Pace(clock, 8)
    last, least = None, 0.0
    for event in events:
        if event == "start":
            at = clock.now + pace.book()
            assert at >= clock.now
            assert last is None or at >= last + least - 1e-9
            last, least = at, 1 / pace.rate
        elif event == "refused":
            pace.refused(None)
        elif event == "worked":
            pace.worked()
        else:
            clock.now += 0.7


def test_a_pause_that_is_asked_for_is_kept():
    """Nothing starts before Retry-After has passed."""
    clock = Clock()
    pace = Pace(clock, 8)
    pace.refused(9)
    assert pace.book() == pytest.approx(9)


def test_what_asks_one_provider_shares_its_pace():
    """A scorer that is refused by the model's provider goes at the pace found for it."""
    patience = Patience(paces=Paces(Clock()))
    patience.refused("model", failure_of(HTTPError(429)))
    patience.refused("judge", failure_of(HTTPError(429)))
    patience.refused("other", failure_of(HTTPError(429, host="else.example.org")))
    assert patience.pace("model") is patience.pace("judge")
    assert patience.pace("other") is not patience.pace("model")
    assert patience.pace("free") is None


def test_the_pace_finds_the_limit_of_a_provider():
    """Against a provider that allows 10 a second, work settles between a third and all of that."""
    clock = Clock()
    patience = Patience(retries=3, paces=Paces(clock), choose=lambda: 0.5)
    done, allowed, second = 0, 10, 0.0
    for _ in range(3000):
        tries = patience.tries("model")
        clock.now += next(tries) + 0.001
        if clock.now - second >= 1:
            second, allowed = clock.now, 10
        allowed -= 1
        failure = failure_of(HTTPError(429)) if allowed < 0 else None
        done += failure is None
        try:
            tries.send(failure)
        except StopIteration:
            pass
    assert 10 / 3 <= done / (clock.now - 100) <= 10.5


def evaluation(scorers=(), **settings):
    rows = [{"i": n} for n in range(6)]
    return weavelite.Evaluation(dataset=rows, scorers=list(scorers), **settings)


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_a_connection_that_comes_back_costs_nothing(client, kind):
    """A step that fails by the infrastructure is tried again, and its score counts."""
    tried: dict[int, int] = {}

    def answer(i):
        tried[i] = tried.get(i, 0) + 1
        if tried[i] < 2:
            raise ConnectionError("gone")
        return i

    async def answer_async(i):
        return answer(i)

    def right(i, output):
        return i == output

    model = answer if kind == "sync" else answer_async
    summary = asyncio.run(evaluation([right]).evaluate(model))
    assert summary["right"]["true_count"] == 6
    assert "errors" not in summary


def test_retries_end(client):
    """What goes on failing is tried so often and no more, and is told apart from the model."""
    tried = []

    def answer(i):
        tried.append(i)
        raise ConnectionError("gone")

    summary = asyncio.run(evaluation().evaluate(answer, retries=1))
    assert len(tried) == 12
    assert summary["errors"] == {
        "model": 0,
        "scorers": {},
        "infrastructure": {"model": 6, "scorers": {}},
    }


def test_three_kinds_of_failure_are_counted_apart(client):
    """The model, a scorer and the infrastructure each have their own column."""

    def answer(i):
        if i == 1:
            raise ValueError("model")
        return i

    def judge(output):
        if output == 2:
            raise ValueError("scorer")
        if output == 3:
            raise HTTPError(401)
        return True

    summary = asyncio.run(evaluation([judge]).evaluate(answer))
    assert summary["judge"] == {"true_count": 3, "true_fraction": 1.0}
    assert summary["errors"] == {
        "model": 1,
        "scorers": {"judge": 1},
        "infrastructure": {"model": 0, "scorers": {"judge": 1}},
    }


@pytest.mark.parametrize("kind", ["sync", "async", "both"])
def test_a_row_that_hangs_is_left_behind(client, kind):
    """After its time limit a row is an error of the infrastructure, and the others are done."""

    def sync(i):
        time.sleep(20 if i == 2 else 0)
        return i

    async def tasks(i):
        await asyncio.sleep(20 if i == 2 else 0)
        return i

    async def judge(output):
        return True

    def slow_judge(output):
        time.sleep(20 if output == 2 else 0)
        return True

    model = sync if kind == "sync" else tasks
    scorers = [slow_judge] if kind == "sync" else [judge]
    model, scorers = (tasks, [judge]) if kind == "async" else (sync, scorers)
    started = time.monotonic()
    summary = asyncio.run(evaluation(scorers).evaluate(model, timeout=0.3, parallelism=3))
    assert time.monotonic() - started < 10
    assert summary["errors"]["infrastructure"]["model"] == 1
    found = [cell.output for cell in client.get_calls({"op_names": [CELL]})]
    assert sum(cell["scores"] != {} for cell in found) == 5
    [late] = [cell["errors"] for cell in found if "errors" in cell]
    assert late["infrastructure"]["model"] == "TimeLimit: not done within 0.3 s"


def test_a_pause_for_the_provider_is_not_the_row_s_time(client):
    """A row waits for its provider longer than it may take itself, and is done."""
    tried = []

    def answer(i):
        tried.append(i)
        if len(tried) == 1:
            raise HTTPError(429, {"retry-after": str(FIRST_PAUSE)}, host="paused.example.org")
        return i

    summary = asyncio.run(evaluation().evaluate(answer, timeout=0.4, parallelism=1))
    assert "errors" not in summary
