"""What lies between a program and its provider fails apart: tried again, and never a score."""

import asyncio
import email.utils
import gc
import http.server
import threading
import time
import urllib.request
import warnings
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import weavelite
from weavelite.eval.cell import CellResult
from weavelite.eval.failures import Failure, failure_of
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


def by_requests(url):
    pytest.importorskip("requests").get(url, timeout=5).raise_for_status()


def by_urllib(url):
    urllib.request.urlopen(url, timeout=5).read()


def by_httpx(url):
    pytest.importorskip("httpx").get(url, timeout=5).raise_for_status()


def by_aiohttp(url):
    aiohttp = pytest.importorskip("aiohttp")

    async def get():
        async with aiohttp.ClientSession() as session, session.get(url) as response:
            response.raise_for_status()
            await response.read()

    asyncio.run(get())


class Answers(http.server.BaseHTTPRequestHandler):
    """Answers with the status in the path; `cut` breaks off, `drop` says nothing."""

    def do_GET(self):
        what = self.path.strip("/")
        if what == "drop":
            return
        self.send_response(200 if what == "cut" else int(what))
        self.send_header("Retry-After", "7")
        self.send_header("Content-Length", "100" if what == "cut" else "0")
        self.end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def address():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def failure(step, *args):
    """Reads what a step raises; sockets that a client leaves open behind it are its own affair."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        with pytest.raises(Exception) as raised:
            step(*args)
        found = failure_of(raised.value)
        del raised
        gc.collect()
    return found


@pytest.mark.parametrize("get", [by_requests, by_urllib, by_httpx, by_aiohttp])
def test_real_clients_are_understood(address, get):
    """What clients raise for lost connections and statuses is told from faults of the program."""
    for lost in (f"{address}/drop", f"{address}/cut", "http://127.0.0.1:1"):
        assert failure(get, lost).is_passing
    busy = failure(get, f"{address}/429")
    assert (busy.is_busy, busy.retry_after) == (True, 7.0)
    assert busy.provider == address.removeprefix("http://")
    assert not failure(get, f"{address}/404").is_infrastructure


def test_an_address_of_the_wrong_kind_is_the_program_s_fault():
    """Asking again does not mend an address."""
    assert not failure(by_httpx, "nowhere://x").is_infrastructure


def test_errors_of_grpc_are_understood():
    """The status of gRPC is no number, and says the same."""
    grpc = pytest.importorskip("grpc")
    with grpc.insecure_channel("127.0.0.1:1") as channel:
        assert failure(lambda: channel.unary_unary("/a/b")(b"", timeout=2)).is_busy


def with_code(error, code):
    error.code = code
    return error


def test_a_status_may_be_of_an_enumeration():
    """Google's clients give `http.HTTPStatus`."""
    assert failure_of(with_code(ValueError("slow down"), http.HTTPStatus(429))).is_busy


@pytest.mark.parametrize(
    "error",
    [
        SystemExit(503),
        with_code(ValueError("mine"), lambda: 503),
        with_code(ValueError("mine"), True),
        type("Odd", (Exception,), {"response": {"ResponseMetadata": 5}})(),
    ],
)
def test_what_only_looks_like_a_status_is_none(error):
    """Exit statuses, functions and other things called `code` or `response` say nothing."""
    assert not failure_of(error).is_infrastructure


@pytest.mark.parametrize(("more", "outside"), [([], True), ([ValueError("mine")], False)])
def test_a_group_is_what_its_errors_are(more, outside):
    """A task group that only lost connections is an error of the infrastructure."""
    group = ExceptionGroup("unhandled errors", [ConnectionError("gone"), *more])
    assert failure_of(group).is_infrastructure is outside


def test_an_error_raised_while_another_is_handled_counts():
    """A framework need not say `from` for its cause to be seen; `from None` hides it."""

    def wrap(hide):
        try:
            raise ConnectionError("gone")
        except ConnectionError:
            if hide:
                raise RuntimeError("no answer") from None
            raise RuntimeError("no answer")  # noqa: B904

    assert failure(wrap, False).is_infrastructure
    assert not failure(wrap, True).is_infrastructure


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


def test_a_row_that_is_late_is_not_judged_afterwards(client):
    """What a thread still does when its row's time is over changes nothing, and asks no scorer."""
    judged = []
    over = threading.Event()

    def model(n):
        return n if n else over.wait(5)

    def sync_judge(output):
        judged.append(output)
        return True

    async def async_judge(output, n):
        if n == 2:
            over.set()
            await asyncio.sleep(0.1)  # the thread of the late row goes on now
        return True

    summary = asyncio.run(
        weavelite.Evaluation(
            dataset=[{"n": n} for n in range(3)], scorers=[sync_judge, async_judge]
        ).evaluate(model, timeout=0.3, parallelism=1)
    )

    assert sorted(judged) == [1, 2]
    assert summary["errors"]["infrastructure"] == {"model": 1, "scorers": {}}


def test_what_is_judged_too_late_has_an_error_and_no_score():
    """A cell never has both for one scorer."""
    result = CellResult(0, 0, scores={"a": True}, stage="a")
    result.fail(Failure("TimeLimit"))
    assert result.scores == {} and list(result.scorer_failures) == ["a"]


def test_a_quota_that_is_used_up_is_not_waited_for():
    """A provider without money says 429 as well, and goes on saying it."""
    failed = failure_of(with_code(HTTPError(429), "insufficient_quota"))
    assert (failed.is_infrastructure, failed.is_passing, failed.is_busy) == (True, False, False)
