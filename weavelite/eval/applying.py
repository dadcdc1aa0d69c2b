"""A scorer applied to one call that has been made: its score becomes feedback on the call."""

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from weavelite.eval.cell import plain_score
from weavelite.eval.roles import as_scorer, judge
from weavelite.records.words import SCORE
from weavelite.trace.call import Call
from weavelite.trace.context import SESSION

JUDGED: ContextVar[Call | None] = ContextVar("weavelite_judged", default=None)
"""Is the call that a scorer is applied to."""


@dataclass(frozen=True, slots=True)
class ApplyScorerResult:
    """Is what a scorer said of a call, and the call in which it did."""

    result: Any
    score_call: Call


async def apply_scorer(
    call: Call, scorer: Any, additional: Mapping[str, Any] | None = None
) -> ApplyScorerResult:
    """Scores a call by its output and its inputs; raises what the scorer raises."""
    role = judge(as_scorer(scorer))
    row = {**call.inputs, **(additional or {})}
    row.pop("self", None)
    role.arguments.check(list(row))
    kwargs = {**role.arguments.of(row), role.output_name: call.output}
    token = JUDGED.set(call)
    try:
        answer = role.run(*role.bound, **kwargs, __should_raise=True)
        result, score_call = await answer if role.is_async else answer
    finally:
        JUDGED.reset(token)
    if call.client is not None:
        payload = {"output": plain_score(result), "call": score_call.id}
        call.client.add_feedback(call.id, SCORE + role.name, payload)
    return ApplyScorerResult(result, score_call)


SESSION.apply_scorer = apply_scorer
