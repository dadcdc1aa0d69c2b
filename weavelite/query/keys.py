"""The keys of a search: what each looks at, and how its values are read."""

from collections.abc import Callable
from difflib import get_close_matches
from typing import NamedTuple

from weavelite.errors import QueryError
from weavelite.query.amounts import count, span
from weavelite.query.fields import Field, call_field, split
from weavelite.query.terms import Term

Reader = Callable[[str], float | int | None]

TEXT, PART, NUMBER, TIME, ANY, SCORED, STATUS, HAS, REF = (
    "text", "part", "number", "time", "any", "score", "status", "has", "ref",
)  # fmt: skip
"""How values are read: a text, a part of a text, a number, a moment, whatever JSON holds, ..."""


class Key(NamedTuple):
    """Is what a key looks at, how its values are read, and an example of one."""

    field: Field
    kind: str
    example: str
    read: Reader | None = None


KEYS = {
    "op": Key(Field("op_name"), TEXT, "op:answer"),
    "name": Key(Field("trace_name"), TEXT, "name:answer*"),
    "status": Key(Field("status"), STATUS, "status:error,running"),
    "kind": Key(Field("kind"), TEXT, "kind:llm"),
    "model": Key(Field("model"), TEXT, "model:gpt-4o*"),
    "latency": Key(Field("latency"), NUMBER, "latency:>2s", span),
    "tokens": Key(Field("tokens"), NUMBER, "tokens:>1.5k", count),
    "input_tokens": Key(Field("input_tokens"), NUMBER, "input_tokens:>1k", count),
    "output_tokens": Key(Field("output_tokens"), NUMBER, "output_tokens:>1k", count),
    "started": Key(Field("started_at"), TIME, "started:-1h"),
    "ended": Key(Field("ended_at"), TIME, "ended:>=2026-01-31"),
    "error": Key(Field("error"), PART, "error:RateLimit"),
    "reaction": Key(Field("reactions"), PART, "reaction:👍"),
    "note": Key(Field("notes"), PART, 'note:"too long"'),
    "thread": Key(Field("thread_id"), TEXT, "thread:T-2291"),
    "user": Key(Field("user_id"), TEXT, "user:u-1042"),
    "turn": Key(Field("rest", ("turn_id",)), TEXT, "turn:0198c5b2…"),
    "id": Key(Field("id"), TEXT, "id:0198c5b2…"),
    "trace": Key(Field("trace_id"), TEXT, "trace:0198c5b2…"),
    "parent": Key(Field("parent_id"), TEXT, "parent:0198c5b2…"),
    "ref": Key(Field("inputs"), REF, "ref:my-model:*"),
    "has": Key(Field("id"), HAS, "has:error"),
}
PATHS = {
    "inputs": 'inputs.question:"how far?"', "output": "output.answer:*yes*",
    "attributes": "attributes.env:prod", "summary": "summary.usage.requests:>1",
    "scores": "scores.accuracy:<0.5", "feedback": "feedback.[type].payload.x:1",
}  # fmt: skip
ALIASES = {
    "op_name": "op", "trace_name": "name", "total_tokens": "tokens", "started_at": "started",
    "ended_at": "ended", "thread_id": "thread", "user_id": "user", "turn_id": "turn", "call": "id",
    "call_id": "id", "trace_id": "trace", "parent_id": "parent", "duration": "latency",
    "exception": "error",
}  # fmt: skip


def key_of(name: str) -> str:
    """Names a key as it is called first: aliases, and paths by where they begin."""
    return ALIASES.get(name, name)


def find(term: Term) -> Key:
    """Finds what the key of a term looks at; raises SearchError that names the nearest one."""
    return find_name(term, key_of(term.key))


def find_name(term: Term, name: str) -> Key:
    """Finds what a name looks at, which the term has."""
    if name in KEYS:
        return KEYS[name]
    root = name.split(".")[0]
    try:
        if root == "scores":
            return Key(_score(term, name), SCORED, PATHS[root])
        if root in PATHS:
            return Key(call_field(name), ANY, PATHS[root])
    except QueryError as error:
        raise term.error(str(error)) from None
    if name == "cost":
        raise term.error("cost: is worked out when calls are read; search by tokens:>1k or model:.")
    near = get_close_matches(root, [*KEYS, *PATHS, *ALIASES], 1)
    if near:
        rest = name.removeprefix(root)
        hint = f"Did you mean {near[0]}{rest if near[0] in PATHS else ''}?"
    else:
        paths = ", ".join(f"{path}.…" for path in PATHS)
        hint = f"Keys are {', '.join(KEYS)}, {paths}; for an attribute write attributes.{name}."
    raise term.error(f"{name!r} is no key. {hint} A text with a colon in it stands in quotes.")


def _score(term: Term, name: str) -> Field:
    _, *path = split(name)
    if not path or not path[0]:
        raise term.error("scores needs a name: write scores.accuracy:>0.5.")
    return call_field(name)
