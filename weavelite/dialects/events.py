"""What events say of their span: messages, whole requests and answers, exceptions, first tokens.

An event stands in its span, or comes as a log record of its own that names the span; conventions
moved from one to the other, and the same is read of both.
"""

from collections.abc import Iterable
from typing import Any

from weavelite.dialects.aliases import FIRST_TOKEN_EVENTS
from weavelite.dialects.messages import EVENTS, Message, one
from weavelite.dialects.reading import loads
from weavelite.dialects.spans import Event

DETAILS = frozenset({"gen_ai.client.inference.operation.details", "gen_ai.content.prompt",
                     "gen_ai.content.completion",
                     "gen_ai.client.inference.details"})  # fmt: skip
"""Have attributes that the span might have had itself."""
EXCEPTIONS = frozenset({"exception", "gen_ai.client.operation.exception"})
FOUND = "db.query.result"
"""Is the event of a vector database for each document that it found."""
CONTENT = frozenset({*EVENTS, *DETAILS, *EXCEPTIONS, FOUND})


def told(attributes: dict[str, Any], events: Iterable[Event]) -> dict[str, Any]:
    """Returns the attributes of a span with those that its events add; its own count first."""
    found = dict(attributes)
    asked: list[Message] = []
    answered: list[Message] = []
    documents: list[Any] = []
    for event in events:
        if event.name in EVENTS:
            message = _message(event)
            (answered if event.name == "gen_ai.choice" else asked).extend(message)
        elif event.name in DETAILS:
            _add_details(found, event)
        elif event.name == FOUND:
            documents.append(_document(event))
    for name, value in (("asked", asked), ("answered", answered), ("found", documents)):
        if value:
            found[f"weavelite.{name}"] = value
    return found


def _message(event: Event) -> list[Message]:
    """Reads a message of an event's body, of `gen_ai.event.content`, or of its attributes."""
    held = event.body if event.body is not None else event.attributes.get("gen_ai.event.content")
    body = loads(held)
    if not isinstance(body, dict):
        told = {key: loads(value) for key, value in event.attributes.items()}
        body = {**told, "content": body} if body is not None else told
    return one({**body, "event.name": event.name})


def _add_details(found: dict[str, Any], event: Event) -> None:
    body = event.body if isinstance(event.body, dict) else {}
    for name, value in {**body, **event.attributes}.items():
        if found.get(name) is None and value is not None:
            found[name] = value


def _document(event: Event) -> dict[str, Any]:
    get = event.attributes.get
    known = {
        "id": get("db.query.result.id"),
        "page_content": get("db.query.result.document"),
        "metadata": loads(get("db.query.result.metadata")),
        "score": get("db.query.result.score", get("db.query.result.distance")),
    }
    return {key: value for key, value in known.items() if value is not None}


def exception_in(events: Iterable[Event]) -> dict[str, Any]:
    """Returns the attributes of the last exception among events; an empty mapping without one."""
    raised: dict[str, Any] = {}
    for event in events:
        if event.name in EXCEPTIONS:
            raised = event.attributes
    return raised


def first_token_ns(events: Iterable[Event]) -> int | None:
    """Says when the first piece of an answer came, if an event tells."""
    return next((e.time_ns for e in events if e.name in FIRST_TOKEN_EVENTS), None)
