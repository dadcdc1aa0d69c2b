"""What an agent did is read from its messages, or from the calls below its own."""

import asyncio
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

import weavelite
from weavelite.errors import EvaluationError
from weavelite.scorers import CostScorer, StepsScorer, ToolCallsScorer
from weavelite.scorers.trajectory import trajectory_of

ARGUMENTS = {"city": "Paris"}
OPENAI = [
    {"role": "user", "content": "Weather?"},
    {
        "role": "assistant",
        "content": None,
        "tool_calls": [
            {
                "id": "1",
                "type": "function",
                "function": {"name": "weather", "arguments": json.dumps(ARGUMENTS)},
            }
        ],
    },
    {"role": "tool", "tool_call_id": "1", "content": "rain"},
    {"role": "assistant", "content": "It rains."},
]
ANTHROPIC = [
    {"role": "user", "content": "Weather?"},
    {
        "role": "assistant",
        "content": [
            {"type": "text", "text": "Let me see."},
            {"type": "tool_use", "id": "1", "name": "weather", "input": ARGUMENTS},
        ],
    },
    {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "1", "content": "rain"}]},
    {"role": "assistant", "content": [{"type": "text", "text": "It rains."}]},
]
RESPONSES = [
    {"role": "user", "content": "Weather?"},
    {"type": "function_call", "name": "weather", "arguments": json.dumps(ARGUMENTS)},
    {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Rain."}]},
]


def langchain():
    from langchain_core.messages import AIMessage, HumanMessage, ToolMessage

    call = {"name": "weather", "args": ARGUMENTS, "id": "1"}
    return [
        HumanMessage("Weather?"),
        AIMessage("", tool_calls=[call]),
        ToolMessage("rain", tool_call_id="1"),
        AIMessage("It rains."),
    ]


@pytest.mark.parametrize("messages", [OPENAI, ANTHROPIC, RESPONSES, langchain()])
@pytest.mark.parametrize("wrapped", [lambda m: m, lambda m: {"messages": m, "other": 1}])
def test_messages_tell_what_was_called(messages, wrapped):
    """Tools, arguments and steps are read from messages as each provider writes them."""
    found = trajectory_of(wrapped(messages))
    assert [(call.name, call.arguments) for call in found.tools] == [("weather", ARGUMENTS)]
    assert found.steps == 3
    expected = [{"name": "weather", "arguments": ARGUMENTS}]
    scorer = ToolCallsScorer(arguments="exact")
    assert scorer.score(output=wrapped(messages), expected_tools=expected)["matches"]


def said(*names):
    """Makes the message of an agent that calls tools, given as names or as (name, arguments)."""
    calls = [(name, {}) if isinstance(name, str) else name for name in names]
    return [
        {"role": "user", "content": "Go."},
        {
            "role": "assistant",
            "content": "",
            "tool_calls": [{"name": name, "args": args, "id": "1"} for name, args in calls],
        },
    ]


@pytest.mark.parametrize(
    ("called", "strict", "unordered", "subset", "superset"),
    [
        (["a", "b"], True, True, True, True),
        (["b", "a"], False, True, True, True),
        (["a"], False, False, True, False),
        (["a", "b", "c"], False, False, False, True),
        (["a", "a"], False, False, False, False),
        ([], False, False, True, False),
    ],
)
def test_orders(called, strict, unordered, subset, superset):
    """Each order asks what its name says, and a call made twice is two calls."""
    wanted = {"strict": strict, "unordered": unordered, "subset": subset, "superset": superset}
    for order, expected in wanted.items():
        score = ToolCallsScorer(order=order).score(output=said(*called), expected_tools=["a", "b"])
        assert score["matches"] is expected, order


def test_arguments_and_what_was_missed():
    """Expected arguments may be a part of those given; what is missing or unexpected is listed."""
    output = said(("search", {"q": "x", "limit": 5}), "book")
    wanted = [{"name": "search", "arguments": {"q": "x"}}, "pay"]
    score = ToolCallsScorer(order="superset", arguments="subset").score(
        output=output, expected_tools=wanted
    )
    assert score["matches"] is False and (score["precision"], score["recall"]) == (0.5, 0.5)
    assert (score["missing"], score["unexpected"]) == (["pay"], ["book"])
    exact = ToolCallsScorer(arguments="exact").score(output=output, expected_tools=wanted)
    assert exact["recall"] == 0


def test_calls_are_paired_as_well_as_can_be():
    """An expected call without arguments does not take the one that another needs."""
    output = said(("f", {"x": 1}), ("f", {"x": 2}))
    wanted = ["f", {"name": "f", "arguments": {"x": 1}}]
    score = ToolCallsScorer(order="unordered", arguments="exact").score(
        output=output, expected_tools=wanted
    )
    assert score["matches"] and score["recall"] == 1


@pytest.mark.parametrize("expected", [None, 3, [{"tool": "a"}], [{"name": "a", "arguments": "x"}]])
def test_expectations_that_cannot_be_read(expected):
    """What no tool can be is an error that says how to write one."""
    with pytest.raises(EvaluationError, match="name"):
        ToolCallsScorer().score(output=said("a"), expected_tools=expected)


NAMES = st.lists(st.sampled_from("abc"), max_size=5)


@given(NAMES, NAMES)
def test_orders_follow_from_each_other(called, wanted):
    """Strict is unordered as well, and unordered is subset and superset at once."""
    output = said(*called)
    matches = {
        order: ToolCallsScorer(order=order).score(output=output, expected_tools=wanted)["matches"]
        for order in ("strict", "unordered", "subset", "superset")
    }
    assert matches["strict"] == (called == wanted)
    assert matches["unordered"] == (sorted(called) == sorted(wanted))
    assert matches["unordered"] == (matches["subset"] and matches["superset"])


@weavelite.op(kind="tool")
def search(query):
    return "found"


@weavelite.op(kind="tool")
def book(room):
    return "booked"


@weavelite.op
def agent(task):
    with weavelite.open_call("model", {"task": task}, kind="llm", model="m-1") as call:
        call.summary["usage"] = {"m-1": {"prompt_tokens": 100, "completion_tokens": 10}}
        call.output = "search"
    search(query=task)
    if task != "look only":
        book(room=1)
    return "done"


@pytest.mark.parametrize("is_async", [False, True])
def test_calls_below_the_prediction_tell_what_was_called(client, is_async):
    """Without messages, the calls below the prediction are read: of its own row, and no other."""

    @weavelite.op
    async def waiting(task):
        return agent(task)

    rows = [
        {"task": "book a room", "expected_tools": ["search", "book"]},
        {"task": "look only", "expected_tools": [{"name": "search", "arguments": {"query": "?"}}]},
    ]
    client.add_cost("m-1", 1e-6, 2e-6)
    scorers = [ToolCallsScorer(arguments="subset"), StepsScorer(most=2), CostScorer(most=1e-4)]
    evaluation = weavelite.Evaluation(dataset=rows, scorers=scorers)
    summary = asyncio.run(evaluation.evaluate(waiting if is_async else agent))
    assert "errors" not in summary, client.get_calls({"statuses": ["error"]})[0].exception
    assert summary["ToolCallsScorer"]["matches"]["true_count"] == 1
    assert summary["StepsScorer"]["steps"]["mean"] == 2.5
    assert summary["StepsScorer"]["within_limit"]["true_count"] == 1
    assert summary["CostScorer"]["tokens"] == {"mean": 110}
    assert summary["CostScorer"]["cost"]["mean"] == pytest.approx(120e-6)
    assert summary["CostScorer"]["within_limit"]["true_count"] == 0


def test_a_call_is_scored_by_what_is_below_it(client):
    """Applied to a call that has been made, scorers read the calls below it."""
    _, call = agent.call("book a room")
    expected = {"expected_tools": ["search", "book"]}
    applied = asyncio.run(call.apply_scorer(ToolCallsScorer(), expected))
    assert applied.result["matches"]
    (read,) = client.get_calls({"op_names": ["agent"]})
    assert asyncio.run(read.apply_scorer(StepsScorer())).result == {"steps": 3, "tool_calls": 2}


def test_nothing_to_read_is_said():
    """Where there are neither messages nor calls, the error says what to do."""
    for scorer in (StepsScorer(), CostScorer()):
        with pytest.raises(EvaluationError, match=r"weavelite\.init\(\)"):
            scorer.score(output="done")


KEYS = st.sampled_from(["role", "type", "content", "tool_calls", "messages", "name"])


@given(
    st.recursive(
        st.none() | st.text() | st.integers(),
        lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner),
    )
)
def test_any_output_is_read_or_refused(output):
    """Whatever an output looks like, it is read as messages or refused."""
    try:
        ToolCallsScorer().score(output=output, expected_tools=["a"])
    except EvaluationError:
        pass
