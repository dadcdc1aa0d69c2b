"""Scorers of agents: which tools they called and how, in how many steps, and at what cost."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

from pydantic import Field

from weavelite.errors import EvaluationError
from weavelite.eval.scorer import Scorer
from weavelite.scorers.trajectory import ToolCall, judged_call, trajectory_of

Order = Literal["strict", "unordered", "subset", "superset"]
Arguments = Literal["ignore", "exact", "subset"]


class ToolCallsScorer(Scorer):
    """Compares the tools that an agent called with those that it should have called.

    They are read from the messages in the output, as OpenAI, Anthropic and LangChain write them;
    without messages, from the calls of kind "tool" below the one that made the output.

    Args:
        order: "strict" wants the same calls in the same order, "unordered" in any, "subset" none
            but expected ones, "superset" all of the expected ones.
        arguments: "ignore" compares names only, "exact" arguments too, "subset" those arguments
            that are expected.

    """

    higher_is_better: ClassVar[Mapping[str, bool]] = {
        "matches": True,
        "precision": True,
        "recall": True,
    }

    order: Order = "strict"
    arguments: Arguments = "ignore"

    def score(self, *, output: Any, expected_tools: Any) -> dict[str, Any]:
        """Compares; `expected_tools` are names, or `{"name": ..., "arguments": {...}}`."""
        wanted = expected_calls(expected_tools)
        called = trajectory_of(output).tools
        found = self._paired(wanted, called)
        missing = [wanted[i].name for i in range(len(wanted)) if i not in found]
        extra = [call.name for j, call in enumerate(called) if j not in found.values()]
        matches = {
            "strict": not missing and not extra and self._in_order(wanted, called),
            "unordered": not missing and not extra,
            "subset": not extra,
            "superset": not missing,
        }[self.order]
        return {
            "matches": matches,
            "precision": len(found) / len(called) if called else float(not wanted),
            "recall": len(found) / len(wanted) if wanted else 1.0,
            "called": [call.name for call in called],
            "missing": missing,
            "unexpected": extra,
        }

    def _in_order(self, wanted: Sequence[ToolCall], called: Sequence[ToolCall]) -> bool:
        return all(self._same(one, other) for one, other in zip(wanted, called, strict=False))

    def _paired(self, wanted: Sequence[ToolCall], called: Sequence[ToolCall]) -> dict[int, int]:
        """Pairs as many expected calls with made ones as can be (augmenting paths)."""
        maker: dict[int, int] = {}

        def place(i: int, tried: set[int]) -> bool:
            for j, call in enumerate(called):
                if j in tried or not self._same(wanted[i], call):
                    continue
                tried.add(j)
                if j not in maker or place(maker[j], tried):
                    maker[j] = i
                    return True
            return False

        for i in range(len(wanted)):
            place(i, set())
        return {i: j for j, i in maker.items()}

    def _same(self, wanted: ToolCall, call: ToolCall) -> bool:
        if wanted.name != call.name:
            return False
        if self.arguments == "ignore" or wanted.arguments is None:
            return True
        if self.arguments == "exact":
            return bool(wanted.arguments == (call.arguments or {}))
        given = call.arguments if isinstance(call.arguments, Mapping) else {}
        return all(name in given and given[name] == v for name, v in wanted.arguments.items())


def expected_calls(value: Any) -> list[ToolCall]:
    """Reads the calls that a row expects; raises EvaluationError."""
    items = [value] if isinstance(value, str | Mapping) else value
    if not isinstance(items, list | tuple):
        raise EvaluationError(
            f'expected_tools is a list of names, or of {{"name", "arguments"}}, not {value!r}.'
        )
    return [_expected(item) for item in items]


def _expected(item: Any) -> ToolCall:
    if isinstance(item, str):
        return ToolCall(item)
    if isinstance(item, Mapping) and isinstance(item.get("name"), str):
        arguments = item.get("arguments", item.get("args"))
        if arguments is None or isinstance(arguments, Mapping):
            return ToolCall(item["name"], arguments)
    raise EvaluationError(
        f'An expected tool is a name, or {{"name": ..., "arguments": {{...}}}}, not {item!r}.'
    )


class StepsScorer(Scorer):
    """Counts the steps of an agent: turns of the model, and calls of tools.

    Args:
        most: how many are within the limit; without one, they are only counted.

    """

    higher_is_better: ClassVar[Mapping[str, bool]] = {
        "steps": False,
        "tool_calls": False,
        "within_limit": True,
    }

    most: int | None = Field(default=None, ge=0)

    def score(self, *, output: Any) -> dict[str, Any]:
        """Counts."""
        found = trajectory_of(output)
        score: dict[str, Any] = {"steps": found.steps, "tool_calls": len(found.tools)}
        return score if self.most is None else {**score, "within_limit": found.steps <= self.most}


class CostScorer(Scorer):
    """Adds up the tokens of the call that made the output, and what they cost in US dollars.

    Args:
        most: the dollars that are within the limit; without one, they are only added up.

    """

    higher_is_better: ClassVar[Mapping[str, bool]] = {
        "cost": False,
        "tokens": False,
        "within_limit": True,
    }

    most: float | None = Field(default=None, ge=0)

    def score(self, *, output: Any) -> dict[str, Any]:
        """Adds up; the cost is None where a price is not known."""
        call = judged_call()
        if call is None or call.client is None:
            raise EvaluationError("Costs are read from calls: call weavelite.init() first.")
        read = call.client.get_call(call.id, include_costs=True)
        used = read.summary.get("weave", {}).get("costs", {}).values()
        costs = [model["total_cost"] for model in used]
        cost = None if None in costs else float(sum(costs))
        score: dict[str, Any] = {"cost": cost, "tokens": sum(m["total_tokens"] for m in used)}
        if self.most is not None:
            score["within_limit"] = None if cost is None else cost <= self.most
        return score
