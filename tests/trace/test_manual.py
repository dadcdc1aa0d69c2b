"""What no function wraps is recorded by hand: while it runs, or after the fact."""

import logging
import os
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

import weavelite
from weavelite.trace.manual import nanoseconds

NOON = datetime(2026, 11, 22, 12, 0, 0, 123457, tzinfo=UTC)


@weavelite.op
def leaf():
    return 1


def test_a_finished_call_is_logged(client):
    """`log_call` records what took place, with its times, kind, model, tokens and attributes."""
    call = weavelite.log_call(
        "ask", {"q": "why"}, "because", kind="llm", model="m-1", attributes={"a": 1},
        display_name=lambda call: f"ask {call.inputs['q']}",
        started_at=NOON, ended_at=NOON + timedelta(milliseconds=1500),
        usage={"prompt_tokens": 3, "completion_tokens": 4},
    )  # fmt: skip
    read = client.get_call(call.id)
    assert (read.op_name, read.inputs, read.output) == ("ask", {"q": "why"}, "because")
    assert (read.kind, read.model, read.display_name) == ("llm", "m-1", "ask why")
    assert (read.started_at, read.latency, read.attributes) == (NOON, 1.5, {"a": 1})
    assert (read.input_tokens, read.output_tokens, read.status) == (3, 4, "success")
    assert read.summary["usage"] == {
        "m-1": {"requests": 1, "prompt_tokens": 3, "completion_tokens": 4}
    }


@pytest.mark.parametrize(
    ("exception", "error"),
    [
        (ValueError("no way"), "ValueError: no way"),
        ("Traceback (most recent call last):\n  …\nKeyError: 'k'\n", "KeyError: 'k'"),
    ],
)
def test_a_logged_failure_is_an_error(client, exception, error):
    """What is logged with an exception, or with the text of one, is an error."""
    call = weavelite.log_call("fails", {}, exception=exception)
    read = client.get_call(call.id)
    assert (read.status, read.error, read.output) == ("error", error, None)
    assert error in read.exception


def test_a_logged_call_finds_its_parent(client):
    """A logged call is below the innermost call, the one that is given, or none."""

    @weavelite.op
    def outer():
        call = weavelite.get_current_call()
        inside = weavelite.log_call("inside", {})
        apart = weavelite.log_call("apart", {}, use_stack=False)
        below = weavelite.log_call("below", {}, parent=inside)
        remote = weavelite.log_call("remote", {}, parent=inside.traceparent)
        assert weavelite.get_current_call() is call
        return call.id, inside.id, [made.id for made in (inside, apart, below, remote)]

    outer_id, inside_id, made = outer()
    parents = [client.get_call(each).parent_id for each in made]
    assert parents == [outer_id, None, inside_id, inside_id]


def test_a_block_is_a_call(client, nesting):
    """`open_call` makes a call of a block: what runs in it nests, and its output is assigned."""
    with weavelite.open_call("search", {"q": "x"}, kind="tool", started_at=NOON) as call:
        assert weavelite.get_current_call() is call and call.status == "running"
        leaf()
        call.output = found = ["a"]
        call.summary["pages"] = 2
        found.append("b")
        assert call.output == ["a", "b"]
    found.append("c")
    read = client.get_call(call.id)
    assert (read.kind, read.inputs, read.output) == ("tool", {"q": "x"}, ["a", "b"])
    assert read.summary == {"pages": 2} and read.started_at == NOON
    assert nesting() == [("leaf", "search"), ("search", "None")]
    assert weavelite.get_current_call() is None


def test_a_block_that_raises_is_an_error(client):
    """What a block raises is on its call, with the output so far, and goes on."""
    with pytest.raises(KeyError), weavelite.open_call("fails") as call:
        call.output = "half"
        raise KeyError("k")
    read = client.get_call(call.id)
    assert (read.error, read.output, call.output) == ("KeyError: 'k'", "half", "half")


def test_an_ended_block_takes_no_output(client):
    """An output that comes too late is refused, and says what to do."""
    with weavelite.open_call("done") as call:
        pass
    with pytest.raises(AttributeError, match="add feedback"):
        call.output = "late"
    with pytest.raises(AttributeError, match="add feedback"):
        client.get_call(call.id).output = "late"


def test_ops_are_logged_as_themselves(client):
    """A call that is logged or opened for an op is one of that version of the op."""
    leaf()
    weavelite.log_call(leaf, {}, 2)
    with weavelite.open_call(leaf):
        pass
    calls = list(client.get_calls())
    assert {call.op_name for call in calls} == {"leaf"} and len(calls) == 3
    assert len({call.op_digest for call in calls}) == 1 and calls[0].op_digest


def test_as_weaves_client_does_it(client, nesting):
    """`create_call`, `finish_call` and `fail_call` nest as a stack, as in Weave."""
    outer = client.create_call("outer", {"x": 1}, attributes={"a": 1}, display_name="shown")
    inner = client.create_call("inner", {})
    apart = client.create_call("apart", {}, use_stack=False)
    assert weavelite.get_current_call() is inner
    client.fail_call(inner, ValueError("no"))
    leaf()
    client.finish_call(apart, output="a")
    client.finish_call(outer, output="o", ended_at=datetime.now(UTC) + timedelta(seconds=1))
    assert weavelite.get_current_call() is None
    assert nesting() == [("apart", "None"), ("inner", "outer"), ("leaf", "outer"),
                         ("outer", "None")]  # fmt: skip
    read = client.get_call(outer.id)
    assert (read.output, read.display_name, read.attributes) == ("o", "shown", {"a": 1})
    assert client.get_call(inner.id).error == "ValueError: no" and read.latency > 0.9


def test_while_tracing_is_off_it_does_no_harm(store_path):
    """Before `init`, and while tracing is off, blocks run, and calls are not kept."""

    def use():
        assert weavelite.log_call("a", {"x": 1}, 2).output == 2
        with weavelite.open_call("b") as call:
            call.output = 3
        return call.output

    assert use() == 3
    os.environ["WEAVELITE_DISABLED"] = "true"
    client = weavelite.init("test", store=store_path)
    assert use() == 3 and list(client.get_calls()) == []


def test_what_goes_wrong_is_said_and_harmless(client, caplog):
    """A display name that fails, or a time that cannot be, does not reach the program."""
    with caplog.at_level(logging.WARNING, "weavelite"):
        weavelite.log_call("bad name", {}, display_name=lambda call: 1 / 0)
        weavelite.log_call("bad time", {}, started_at=datetime(1, 1, 1, tzinfo=UTC))
    assert client.open_calls == {}
    assert weavelite.log_call("good", {}).status == "success"


def test_a_current_call_can_be_required(client):
    """`require_current_call` gives the call, and raises outside of any."""
    with weavelite.open_call("here") as call:
        assert weavelite.require_current_call() is call
    with pytest.raises(LookupError, match="inside of an op"):
        weavelite.require_current_call()


@given(
    st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(2200, 1, 1)),
    st.integers(-23, 23),
)
def test_times_are_not_rounded(time, hours):
    """Every microsecond of every zone is the same nanosecond."""
    aware = time.replace(tzinfo=timezone(timedelta(hours=hours)))
    counted = nanoseconds(aware)
    assert counted % 1000 == 0
    assert datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=counted // 1000) == aware
