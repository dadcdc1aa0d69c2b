"""The laws of reading calls back: what is asked for, lazily, in parts, as a table."""

import pytest

import weavelite
from weavelite.errors import NotFoundError, NotReadError, QueryError


@weavelite.op
def double(x, model=None):
    if x == 3:
        raise ValueError("not three")
    return {"y": x * 2, "parity": ["even", "odd"][x % 2]}


def numbers(calls):
    return [call.inputs["x"] for call in calls]


def field(name):
    return {"$getField": name}


def asked(operator, name, value):
    return {"$expr": {operator: [field(name), {"$literal": value}]}}


@pytest.fixture
def ten(client):
    for x in range(10):
        if x != 3:
            double(x)
        else:
            with pytest.raises(ValueError):
                double(x)
    return client


def test_calls_are_found_by_what_is_in_them(ten):
    """Expressions reach into inputs and output, and combine with the filter and several orders."""
    large = asked("$gt", "output.y", 8)
    order = [{"field": "output.parity"}, {"field": "inputs.x", "direction": "desc"}]
    assert numbers(ten.get_calls(query=large, sort_by=order)) == [8, 6, 9, 7, 5]
    failed = ten.get_calls(
        {"op_names": ["double"], "statuses": ["error"]},
        query={"$expr": {"$contains": {"input": field("exception"), "case_insensitive": True,
                                       "substr": {"$literal": "NOT THREE"}}}},
    )  # fmt: skip
    assert numbers(failed) == [3]
    assert numbers(double.calls()) == list(range(10))


@pytest.mark.parametrize(
    "parts", [{}, {"limit": 7}, {"offset": 4}, {"offset": 2, "limit": 5, "page_size": 2},
              {"sort_by": [{"field": "inputs.x", "direction": "desc"}]},
              {"sort_by": [{"field": "started_at", "direction": "desc"}]},
              {"query": asked("$gt", "inputs.x", 100)}],
)  # fmt: skip
def test_calls_are_a_sequence(ten, parts):
    """Length, truth, every index and every slice are those of the list, without reading it."""
    calls = ten.get_calls(**parts)
    whole = numbers(calls)
    assert len(calls) == len(whole) and bool(calls) == bool(whole)
    for at in range(-len(whole), len(whole)):
        assert calls[at].inputs["x"] == whole[at]
    for at in (len(whole), -len(whole) - 1):
        with pytest.raises(IndexError):
            calls[at]
    for start in (None, 0, 2, -3, 20):
        for stop in (None, 0, 5, -1, 20):
            for step in (None, 1, 2, -1, -3):
                assert numbers(calls[start:stop:step]) == whole[start:stop:step]


def test_going_through_calls_ends_although_it_makes_calls(ten):
    """An iteration leaves out the calls that it makes itself; the next one has them."""
    calls = ten.get_calls({"op_names": ["double"]}, page_size=2)
    seen = 0
    for call in calls:
        double(call.inputs["x"] + 10)
        ten.flush()
        seen += 1
    assert seen == 10 and len(calls) == 20


def test_columns_read_only_these(ten):
    """A call of some columns has these, and says of others that they were not read."""
    call = ten.get_calls(columns=["op_name", "inputs.x", "latency_ms"])[2]
    assert (call.op_name, call.inputs) == ("double", {"x": 2})
    assert call.to_dict().keys() == {"op_name", "inputs", "latency_ms"}
    assert call.latency_ms == pytest.approx(call.latency * 1000)
    for name in ("output", "attributes", "summary", "exception", "turn_id"):
        with pytest.raises(NotReadError, match=f"add '{name}'"):
            getattr(call, name)
    failed = ten.get_calls({"statuses": ["error"]}, columns=["exception", "output.y"])[0]
    assert "not three" in failed.exception and failed.output is None
    with pytest.raises(QueryError, match="outputs"):
        ten.get_calls(columns=["outputs"])
    with pytest.raises(QueryError, match="include_feedback"):
        ten.get_calls(columns=["feedback.[x].payload"])


def test_one_call_is_read_as_many_are(ten):
    """`get_call` takes columns and feedback; what is not there is an error."""
    newest = ten.get_calls()[-1]
    newest.feedback.add_note("good")
    call = ten.get_call(newest.id, columns=["inputs"], include_feedback=True)
    (feedback,) = call.summary["weave"]["feedback"]
    assert (feedback["payload"], feedback["weave_ref"]) == ({"note": "good"}, str(newest.ref))
    assert call.inputs["x"] == 9
    with pytest.raises(NotFoundError):
        ten.get_call("0" * 32)


def test_refs_in_columns_become_their_objects(client):
    """`expand_columns` gives what a ref in an input points to, unless refs are wanted."""
    ref = weavelite.publish({"temperature": 0.5}, name="settings")
    double(1, model=ref)
    double(2, model={"inner": [str(ref)]})
    first, second = client.get_calls(expand_columns=["inputs.model", "inputs.model.inner.0"])
    assert first.inputs["model"] == {"temperature": 0.5}
    assert second.inputs["model"] == {"inner": [{"temperature": 0.5}]}
    parts = {"expand_columns": ["inputs.model"], "return_expanded_column_values": False}
    assert client.get_calls(**parts)[0].inputs["model"] == str(ref)
    assert numbers(client.get_calls({"input_refs": [str(ref)]})) == [1, 2]


def test_queries_go_on_in_objects(client):
    """With `expand_columns` a query and an order reach into what a ref points to."""
    for x, temperature in enumerate((0.5, 0.1, 0.9)):
        inner = weavelite.publish({"deep": [temperature]}, name=f"inner-{x}")
        double(x, model=weavelite.publish({"temperature": temperature, "of": inner}, name="outer"))
    double(9, model="weave:///local/test/object/gone:v1")
    double(8, model={"temperature": 5.0})
    expand = {"expand_columns": ["inputs.model"], "return_expanded_column_values": False}
    warm = asked("$gt", "inputs.model.temperature", 0.2)
    assert numbers(client.get_calls(query=warm, **expand)) == [0, 2]
    assert numbers(client.get_calls(query=warm)) == [8]
    by = [{"field": "inputs.model.of.deep.0", "direction": "desc"}]
    deeper = {**expand, "expand_columns": ["inputs.model", "inputs.model.of"]}
    assert numbers(client.get_calls(sort_by=by, **deeper))[:3] == [2, 0, 1]
    rows = weavelite.publish(weavelite.Dataset(name="d", rows=[{"n": 1}, {"n": 2}]))
    assert numbers(client.get_calls(query=asked("$eq", "inputs.model", str(rows)))) == []


def test_a_table_has_a_column_a_value(ten):
    """`to_pandas` flattens what calls hold to dotted columns, or leaves it in cells."""
    frame = ten.get_calls().to_pandas()
    assert list(frame["inputs.x"]) == list(range(10)) and len(frame) == 10
    assert {"id", "op_name", "status", "output.y", "output.parity"} <= set(frame.columns)
    some = ten.get_calls().to_pandas(columns=["id", "output.y"])
    assert list(some.columns) == ["id", "output.y"] and some["output.y"].sum() == 84
    cells = ten.get_calls().to_pandas(columns=["output"], flatten=False)
    assert cells["output"][1] == {"y": 2, "parity": "odd"}
    none = ten.get_calls({"op_names": ["nobody"]}).to_pandas(columns=["id", "inputs.x"])
    assert list(none.columns) == ["id", "inputs.x"] and len(none) == 0


def test_calls_are_found_by_their_scores(ten):
    """`scored_by` and fields of feedback find the calls that were scored, and how."""
    first, second, third = ten.get_calls(limit=3)
    first.feedback.add("wandb.runnable.judge", {"output": {"good": True}})
    second.feedback.add("wandb.runnable.judge", {"output": {"good": False}})
    third.feedback.add_reaction("👍")
    assert numbers(ten.get_calls(scored_by="judge")) == [0, 1]
    good = asked("$eq", "feedback.[wandb.runnable.judge].payload.output.good", True)
    assert numbers(ten.get_calls(query=good)) == [0]


def test_feedback_is_found_with_its_calls(ten):
    """`get_feedback` finds reactions and payloads, and the calls that they are about."""
    for call, emoji in zip(ten.get_calls(limit=3), "👍👎👍", strict=True):
        call.feedback.add_reaction(emoji)
        call.feedback.add_note(f"note {call.inputs['x']}")
    thumbs = ten.get_feedback(reaction="👍")
    assert len(thumbs) == 2 and [item.payload["emoji"] for item in thumbs] == ["👍"] * 2
    assert numbers(thumbs.refs().calls()) == [0, 2]
    noted = ten.get_feedback(asked("$eq", "payload.note", "note 1"))
    assert noted[0].feedback_type == "wandb.note.1" and numbers(noted.refs().calls()) == [1]
    assert [item.id for item in ten.get_feedback(thumbs[1].id)] == [thumbs[1].id]
    assert len(ten.get_feedback()) == 6 and len(ten.get_feedback(offset=1, limit=2)) == 2
    with pytest.raises(QueryError, match="payload"):
        ten.get_feedback(asked("$eq", "inputs.x", 1))
