"""What Weave's `op` and `init` can be asked, and what a call can be asked afterwards."""

import asyncio
import copy
import gc
import logging
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

import weavelite
from weavelite import instrument


@weavelite.op
def leaf(x=0):
    return x


def only(client, name=None):
    (call,) = (call for call in client.get_calls() if name in (None, call.op_name))
    return call


# Names, kinds, attributes


def test_a_call_is_shown_by_a_name(client):
    """`call_display_name` is a text, or a function of the call that has just started."""
    weavelite.op(call_display_name="fixed", name="a")(lambda x: x)(1)
    weavelite.op(call_display_name=lambda call: f"{call.func_name}-{call.inputs['x']}", name="b")(
        lambda x: x
    )(2)
    assert [call.display_name for call in client.get_calls()] == ["fixed", "b-2"]


def test_an_ops_attributes_are_the_outermost(client):
    """Attributes of the client, the op, the block and the call: the later ones win."""
    weavelite.init("test", store=client.store_path, attributes={"a": 0, "b": 0, "c": 0, "d": 0})
    function = weavelite.op(attributes={"b": 1, "c": 1, "d": 1}, color="red")(leaf.resolve_fn)
    with weavelite.attributes({"c": 2, "d": 2}):
        function(1, __weave={"attributes": {"d": 3}})
    found = only(client).attributes
    assert found == {"a": 0, "b": 1, "c": 2, "d": 3, "weave": {"color": "red"}}
    assert (function.color, function.attributes) == ("red", {"b": 1, "c": 1, "d": 1})
    assert (function.kind, function.tracing_sample_rate) == ("op", 1.0)


def test_one_call_can_be_overridden(client):
    """`__weave=` names one call, gives it attributes or an id, and does not reach the function."""
    wanted = str(uuid.uuid4())
    assert leaf(5, __weave={"display_name": "special", "call_id": wanted}) == 5
    call = client.get_call(wanted)
    assert (call.display_name, call.inputs, call.parent_id) == ("special", {"x": 5}, None)
    assert call.trace_id == wanted.replace("-", "")
    _, made = leaf.call(6, __weave={"attributes": {"n": 1}})
    assert made.attributes == {"n": 1}
    weavelite.finish()
    assert leaf(7, __weave={"display_name": "untraced"}) == 7


@pytest.mark.parametrize("override", [{"call_id": "mine"}, {"attributes": 5}, {"unknown": 1}])
def test_a_bad_override_is_harmless(client, override):
    """What cannot be made of an override does not reach the program, and leaves no open call."""
    assert leaf(1, __weave=override) == 1
    assert client.open_calls == {}


def test_options_that_cannot_be_are_refused():
    """A mistake in the decorator is said where it is made."""
    with pytest.raises(ValueError, match="from 0 to 1"):
        weavelite.op(tracing_sample_rate=2)
    with pytest.raises(ValueError, match="taken"):
        weavelite.op(attributes={"weave": 1})
    with pytest.raises(TypeError, match="postprocess_output"):
        weavelite.op(postprocess_outputs=len)
    with pytest.raises(TypeError, match="does not know projct"):
        weavelite.init("test", projct=1)


def test_a_plain_op_has_no_options():
    """An op with nothing to ask for has none, so that its calls pay for none."""
    assert weavelite.op()(len).__weavelite_op__.options is None
    assert weavelite.op(color="red")(len).__weavelite_op__.options is not None


def test_a_call_can_be_seen_from_its_first_moment(client):
    """With `eager_call_start` a call is in the store before it ends."""
    seen = []

    @weavelite.op(eager_call_start=True)
    def eager():
        seen.extend((call.op_name, call.status) for call in client.get_calls())

    eager()
    assert seen == [("eager", "running")]
    assert only(client).status == "success"


def test_code_can_be_left_out(client):
    """With `enable_code_capture=False` no code of the op is kept."""

    @weavelite.op(enable_code_capture=False)
    def secret_sauce():
        return "recipe"

    secret_sauce()
    (version,) = client.store.op_versions("local/test", "secret_sauce").versions
    code = client.store.op_version("local/test", "secret_sauce", version.digest).code
    assert "recipe" not in code and "not captured" in code


# Postprocessing


def test_what_is_kept_is_postprocessed(client):
    """The op's functions, then the client's, make what is kept; the program has its own values."""
    order = []

    def step(name):
        def change(value):
            order.append(name)
            return {**value, name: True} if isinstance(value, dict) else [*value, name]

        return change

    weavelite.init(
        "test", store=client.store_path, postprocess_inputs=step("client in"),
        global_postprocess_output=step("client out"),
    )  # fmt: skip
    function = weavelite.op(
        name="f", postprocess_inputs=step("op in"), postprocess_output=step("op out")
    )(lambda x: [x])
    assert function(1) == [1]
    call = only(client)
    assert call.inputs == {"x": 1, "op in": True, "client in": True}
    assert call.output == [1, "op out", "client out"]
    assert order == ["op in", "client in", "op out", "client out"]


@pytest.mark.parametrize("way", ["plain", "async", "stream", "async stream", "open_call"])
def test_every_kind_of_call_is_postprocessed(client, way):
    """Functions, coroutines, streams and blocks pass through the client's function."""
    weavelite.init(
        "test", store=client.store_path, postprocess_inputs=lambda inputs: {"n": len(inputs)},
        postprocess_output=lambda output: f"hidden {output}",
    )  # fmt: skip

    async def later(x):
        return [x]

    async def items(x):
        yield x

    async def read(stream):
        return [item async for item in stream]

    if way == "plain":
        weavelite.op(lambda x: [x])(1)
    elif way == "async":
        asyncio.run(weavelite.op(later)(1))
    elif way == "stream":
        assert list(weavelite.op(lambda x: (x for x in [x]))(1)) == [1]
    elif way == "async stream":
        assert asyncio.run(read(weavelite.op(items)(1))) == [1]
    else:
        with weavelite.open_call("block", {"x": 1}) as call:
            call.output = [1]
    call = only(client)
    assert (call.inputs, call.output) == ({"n": 1}, "hidden [1]")


def test_a_postprocessor_that_fails_hides(client, caplog):
    """What a postprocessor failed to hide is not kept; the program goes on, and it is said once."""

    @weavelite.op(postprocess_inputs=lambda inputs: 1 / 0, postprocess_output=lambda out: 1 / 0)
    def function(secret):
        return secret

    with caplog.at_level(logging.WARNING, "weavelite"):
        assert [function("s1"), function("s2")] == ["s1", "s2"]
    assert [(call.inputs, call.output) for call in client.get_calls()] == [({}, None)] * 2
    assert len([r for r in caplog.records if "postprocess_inputs failed" in r.getMessage()]) == 1


# Samples


def test_a_trace_is_sampled_as_a_whole(client):
    """What is not drawn is not recorded, nor anything inside of it, on whatever thread."""

    @weavelite.op(tracing_sample_rate=0.0)
    def unlucky(depth):
        assert weavelite.get_current_call() is None
        leaf()
        with weavelite.open_call("block") as call:
            call.output = 1
        weavelite.log_call("logged", {})
        assert instrument.start("llm", {}) is None
        thread = threading.Thread(target=leaf)
        thread.start()
        thread.join()
        with ThreadPoolExecutor(1) as pool:
            pool.submit(leaf).result()
        asyncio.run(asyncio.to_thread(leaf))
        return lucky(depth) if depth else "done"

    @weavelite.op(tracing_sample_rate=1.0)
    def lucky(depth):
        return unlucky(depth - 1)

    assert unlucky(1) == "done"
    assert list(client.get_calls()) == [] and client.open_calls == {}
    leaf(1)
    assert only(client).op_name == "leaf"


def test_samples_are_drawn_at_roots_only(client):
    """Inside of a call that is recorded, everything is."""
    rare = weavelite.op(tracing_sample_rate=0.0, name="rare")(lambda: leaf())
    weavelite.op(name="outer")(lambda: rare())()
    assert [call.op_name for call in client.get_calls()] == ["outer", "rare", "leaf"]


def test_a_share_is_drawn(client):
    """About the share that is asked for is recorded, in every form, and the rest runs as ever."""
    half = weavelite.op(tracing_sample_rate=0.5, name="half")(lambda x: x)

    @weavelite.op(tracing_sample_rate=0.5)
    def half_stream(x):
        yield x

    @weavelite.op(tracing_sample_rate=0.5)
    async def half_later(x):
        return x

    for x in range(300):
        assert half(x) == half_stream(x).__next__() == asyncio.run(half_later(x)) == x
        assert half.call(x)[0] == x
    gc.collect()
    assert 400 < len(client.get_calls()) < 800


# Accumulators


def add(state, item):
    return (state or 0) + item


def test_an_accumulator_makes_the_output_of_a_stream(client):
    """What an accumulator returned last is the output; the reader gets each item."""

    @weavelite.op(accumulator=add)
    def numbers():
        yield from [1, 2, 3]

    assert list(numbers()) == [1, 2, 3]
    assert only(client).output == 6


def test_an_async_stream_accumulates(client):
    """The same holds for async generators that are left early."""

    @weavelite.op(accumulator=add)
    async def numbers():
        for number in [1, 2, 3]:
            yield number

    async def main():
        async for number in numbers():
            if number == 2:
                break

    asyncio.run(main())
    assert only(client).output == 3


class Stream:
    """A stream as clients of language models have it: an iterator with more to it."""

    response = "headers"
    closed = False

    def __init__(self):
        self._items = iter([1, 2, 3])

    def __iter__(self):
        return self

    def __next__(self):
        leaf()
        return next(self._items)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()

    def close(self):
        type(self).closed = True


def test_a_clients_stream_accumulates(client, nesting):
    """A stream object that a function returns is followed, and is otherwise what it was."""
    function = weavelite.op(accumulator=add, name="ask")(Stream)
    with function() as stream:
        assert stream.response == "headers" and next(stream) == 1
        assert list(stream) == [2, 3]
    assert Stream.closed and only(client, "ask").output == 6
    assert nesting() == [("ask", "None")] + [("leaf", "ask")] * 4
    with pytest.raises(AttributeError):
        stream.missing
    with pytest.raises(TypeError):
        copy.copy(stream) and next(weavelite.op(accumulator=add)(lambda: 5)())


def test_a_clients_stream_that_is_dropped_ends(client):
    """A followed stream that nobody reads on ends its call with what was read."""
    stream = weavelite.op(accumulator=add, name="ask")(Stream)()
    next(stream)
    del stream
    gc.collect()
    assert only(client, "ask").output == 1 and client.open_calls == {}


def test_an_accumulator_that_fails_is_harmless(client, caplog):
    """An accumulator that fails is said once, and the stream goes on."""

    @weavelite.op(accumulator=lambda state, item: 1 / 0)
    def numbers():
        yield from [1, 2]

    with caplog.at_level(logging.WARNING, "weavelite"):
        assert list(numbers()) == [1, 2]
    assert only(client).output is None
    assert len([r for r in caplog.records if "accumulator failed" in r.getMessage()]) == 1


# Ops and calls afterwards


def test_an_op_knows_its_calls(client):
    """`op.calls()` reads the calls of an op; `op.call` can be told to raise."""
    leaf(1), leaf(2), weavelite.op(name="other")(leaf.resolve_fn)(3)
    assert [call.inputs["x"] for call in leaf.calls()] == [1, 2]

    @weavelite.op
    def fails():
        raise KeyError("k")

    assert fails.call()[1].error == "KeyError: 'k'"
    with pytest.raises(KeyError):
        fails.call(__should_raise=True)
    weavelite.finish()
    with pytest.raises(weavelite.errors.NotStartedError):
        leaf.calls()


def test_an_op_has_its_ref(client):
    """An op that was called has the ref of its version; `as_op` takes ops only."""
    assert weavelite.as_op(leaf) is leaf
    with pytest.raises(TypeError, match="not an op"):
        weavelite.as_op(len)
    leaf()
    assert str(leaf.ref) == f"weave:///local/test/op/leaf:{only(client).op_digest}"


def test_a_sample_is_drawn_in_one_process_only(client):
    """What another process has begun and recorded is recorded on, whatever the share here."""
    rare = weavelite.op(tracing_sample_rate=0.0, name="rare")(lambda: 1)
    with weavelite.under("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"):
        rare()
    assert only(client).op_name == "rare"


def test_a_call_has_views(client):
    """`set_view` keeps a page with the call that runs, and does nothing outside of one."""

    @weavelite.op
    def report():
        weavelite.set_view("summary", "# Done", extension="md")
        weavelite.set_view("page", weavelite.Content.from_text("<b>x</b>", mimetype="text/html"))

    report()
    weavelite.set_view("nowhere", "x")
    views = only(client).summary["_weave"]["views"]
    assert (views["summary"].data, views["summary"].mimetype) == (b"# Done", "text/markdown")
    assert views["page"].mimetype == "text/html" and len(views) == 2


def test_a_scorer_is_applied_to_a_call(client):
    """`apply_scorer` gives a scorer the output and inputs, and keeps the score as feedback."""

    @weavelite.op
    def close(output, x, tolerance=0):
        return {"close": abs(output - x) <= tolerance}

    class Judge(weavelite.Scorer):
        wanted: int

        @weavelite.op
        async def score(self, *, output, **row):
            return output == self.wanted

    async def main():
        _, call = leaf.call(3)
        first = await call.apply_scorer(close, {"tolerance": 1})
        second = await client.get_call(call.id).apply_scorer(Judge(name="judge", wanted=4))
        return call, first, second

    call, first, second = asyncio.run(main())
    assert (first.result, second.result) == ({"close": True}, False)
    assert first.score_call.inputs["tolerance"] == 1
    found = {item.type: item.payload["output"] for item in call.feedback}
    assert found == {"wandb.runnable.close": {"close": True}, "wandb.runnable.judge": False}


def test_a_scorer_that_cannot_score_says_so(client):
    """A scorer that lacks an argument, or fails, raises, and there is no feedback."""
    _, call = leaf.call(3)
    with pytest.raises(weavelite.errors.EvaluationError, match="'other'"):
        asyncio.run(call.apply_scorer(weavelite.op(lambda output, other: 1)))
    with pytest.raises(ZeroDivisionError):
        asyncio.run(call.apply_scorer(weavelite.op(lambda output: 1 / 0)))
    assert len(call.feedback) == 0


def test_a_call_knows_its_place(client):
    """A call has its children, its page in the viewer, its parent and its ref."""
    _, call = weavelite.op(name="outer")(lambda: [leaf(1), leaf(2)]).call()
    children = client.get_call(call.id).children()
    assert [child.inputs["x"] for child in children] == [1, 2]
    assert all(child.parent_id == call.id for child in children)
    assert call.ui_url.endswith(call.id) and str(call.ref).endswith(f"/call/{call.id}")
    assert call.delete() == 3 and list(client.get_calls()) == []


def test_an_unknown_option_is_named(client):
    """A misspelt option is an error of `op`, which names it."""
    with pytest.raises(TypeError, match=r"op\(\) does not know dispaly_name"):
        weavelite.op(dispaly_name="x")
