"""DSPy's programs are traced as trees, over the model calls as DSPy makes them."""

import asyncio
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import weavelite
from weavelite import Call

from .conftest import tree
from .fake_openai import JSON_TEXT, FakeOpenAI
from .needs import needs

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # else LiteLLM fetches one
dspy = needs("dspy")
from weavelite_integrations import dspy as integration  # noqa: E402
from weavelite_integrations import openai as openai_integration  # noqa: E402

Calls = Callable[[], list[Call]]
WEATHER = "question -> city, celsius: int"
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(autouse=True)
def traced(client: Any) -> Iterator[None]:
    openai_integration.patch()
    integration.patch()
    yield
    integration.unpatch()


@pytest.fixture(params=["auto", "litellm"])
def lm(server: FakeOpenAI, request: pytest.FixtureRequest) -> Iterator[Any]:
    """Is a model by DSPy's own client, and by LiteLLM."""
    made = dspy.LM(
        "openai/json", api_base=server.base_url, api_key="secret", cache=False, engine=request.param
    )
    with dspy.context(lm=made, adapter=dspy.JSONAdapter()):
        yield made


def shown(calls: list[Call]) -> list[Any]:
    return tree(calls, lambda call: f"{call.kind} {call.display_name or call.op_name}")


def test_a_program_is_a_tree(lm: Any, calls: Calls) -> None:
    """A program is a tree of its modules and model calls, however the model is asked."""

    class Forecast(dspy.Module):
        def __init__(self) -> None:
            super().__init__()
            self.ask = dspy.Predict(WEATHER)

        def forward(self, question: str) -> Any:
            return self.ask(question=question)

    assert Forecast()(question="Weather?").celsius == 14
    assert shown(calls()) == ["chain Forecast", ["chain Predict", ["llm LM"]]]
    for call in calls()[:2]:
        assert call.inputs == {"question": "Weather?"}
        assert call.output == {"city": "Paris", "celsius": 14}
    assert "secret" not in "".join(f"{one.inputs} {one.attributes} {one.output}" for one in calls())


def test_a_model_call(lm: Any, calls: Calls) -> None:
    """A model call has messages, answer, model and tokens, once in the tree."""
    dspy.Predict(WEATHER)(question="Weather?")
    program, call = calls()
    assert (program.input_tokens, call.input_tokens, call.output_tokens) == (None, 57, 17)
    assert (call.op_name, call.model) == ("dspy.lm", "json-2026-01-01")
    assert [message["role"] for message in call.inputs["messages"]] == ["system", "user"]
    assert call.output == JSON_TEXT


def test_async(lm: Any, calls: Calls) -> None:
    """Programs that are awaited side by side keep their own calls."""

    async def both() -> None:
        ask = dspy.Predict(WEATHER)
        await asyncio.gather(ask.acall(question="One?"), ask.acall(question="Two?"))

    asyncio.run(both())
    assert shown(calls()) == ["chain Predict", ["llm LM"], "chain Predict", ["llm LM"]]


def test_tools(calls: Calls) -> None:
    """A tool is a call of its name, over what it calls."""

    @weavelite.op
    def look(city: str) -> str:
        return f"rain in {city}"

    def get_weather(city: str) -> str:
        """Tells the weather."""
        return str(look(city))

    assert dspy.Tool(get_weather)(city="Paris") == "rain in Paris"
    assert shown(calls()) == ["tool get_weather", ["op look"]]
    assert (calls()[0].inputs, calls()[0].output) == ({"city": "Paris"}, "rain in Paris")


def test_errors(lm: Any, calls: Calls) -> None:
    """An error reaches the program as it is, and is on each call that it passed."""
    with pytest.raises(dspy.utils.exceptions.AdapterParseError):
        dspy.Predict("question -> something_else")(question="Weather?")
    program, *asked = calls()
    assert (program.status, {call.status for call in asked}) == ("error", {"success"})
    lm.model = "openai/missing"
    with pytest.raises(Exception, match="missing"):
        dspy.Predict(WEATHER)(question="Weather?")
    assert calls()[-1].status == "error"


def test_nesting_both_ways(lm: Any, calls: Calls) -> None:
    """A program is below the op that runs it, and an op below the module that calls it."""

    class Checked(dspy.Module):
        def forward(self, question: str) -> Any:
            return check(dspy.Predict(WEATHER)(question=question).city)

    @weavelite.op
    def check(city: str) -> str:
        return city

    @weavelite.op
    def run() -> str:
        return str(Checked()(question="Weather?"))

    run()
    tree_of = ["op run", ["chain Checked", ["chain Predict", ["llm LM"], "op check"]]]
    assert shown(calls()) == tree_of


def test_an_answer_from_the_cache(server: FakeOpenAI, tmp_path: Any, calls: Calls) -> None:
    """An answer that DSPy had already is a call without tokens."""
    made = dspy.LM("openai/json", api_base=server.base_url, api_key="k")
    dspy.configure_cache(enable_disk_cache=False)
    with dspy.context(lm=made, adapter=dspy.JSONAdapter()):
        dspy.Predict(WEATHER)(question="Weather?")
        asked = len(server.asked)
        dspy.Predict(WEATHER)(question="Weather?")
    assert len(server.asked) == asked
    first, second = (call for call in calls() if call.kind == "llm")
    assert (first.input_tokens, second.input_tokens) == (57, None)
    assert first.output == second.output


def test_an_evaluation(lm: Any, calls: Calls) -> None:
    """DSPy's evaluation is a call over those of its program."""
    rows = [dspy.Example(question="Weather?", city="Paris").with_inputs("question")] * 2
    evaluate = dspy.Evaluate(devset=rows, metric=lambda row, said, _=None: row.city == said.city,
                             num_threads=1, display_progress=False)  # fmt: skip
    assert evaluate(dspy.Predict(WEATHER)).score == 100
    program = ["chain Predict", ["llm LM"]]
    assert shown(calls()) == ["chain Evaluate", [*program, *program]]


def test_it_can_be_taken_back(calls: Calls) -> None:
    """After unpatch each method is the very object that it was."""
    integration.unpatch()
    before = [vars(owner)[name] for owner, name, _ in integration._methods()]
    integration.patch()
    integration.patch()
    integration.unpatch()
    now = [vars(owner)[name] for owner, name, _ in integration._methods()]
    assert len(now) >= 8 and all(one is other for one, other in zip(now, before, strict=True))
