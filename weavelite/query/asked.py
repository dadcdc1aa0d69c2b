"""What users ask in Weave's words as a query of the store."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from weavelite.errors import QueryError
from weavelite.query.calls import PAGE_LIMIT, START, CallQuery, FeedbackQuery
from weavelite.query.expressions import Expression, Literal, Operation, parse
from weavelite.query.fields import Field, call_field, expanded, feedback_field
from weavelite.records.words import REACTION, SCORE
from weavelite.refs import is_ref, parse_ref

LISTS = ("op_names", "input_refs", "output_refs", "parent_ids", "trace_ids", "call_ids",
         "thread_ids", "turn_ids", "wb_user_ids", "wb_run_ids", "statuses")  # fmt: skip
FILTER_KEYS = (*LISTS, "trace_roots_only", "text")
ANY = "*"


def call_query(
    project: str,
    filter: Mapping[str, Any] | None = None,
    *,
    query: Mapping[str, Any] | None = None,
    sort_by: Sequence[Mapping[str, str]] | None = None,
    limit: int | None = None,
    offset: int = 0,
    columns: Sequence[str] | None = None,
    expand_columns: Sequence[str] | None = None,
    scored_by: str | Sequence[str] | None = None,
    page_size: int = PAGE_LIMIT,
) -> CallQuery:
    """Makes a query of Weave's words: a filter, an expression, a list of fields with directions."""
    if not isinstance(filter, Mapping | None):
        raise QueryError(f"A filter is a dictionary such as {{'op_names': ['answer']}}: {filter!r}")
    known = {key: _checked(key, value) for key, value in dict(filter or {}).items()}
    known = {key: value for key, value in known.items() if value is not None}
    if "op_names" in known:
        known["op_names"] = [_op_name(name) for name in known["op_names"]]
    nobody = [known.pop(key, None) for key in ("wb_user_ids", "wb_run_ids")]
    if any(nobody):  # such ids are W&B's, and no call here has one
        known["call_ids"] = []
    expand = _texts("expand_columns", expand_columns or ())
    scorers = _texts("scored_by", [scored_by] if isinstance(scored_by, str) else scored_by or ())
    return CallQuery(
        project=project,
        **known,
        where=None
        if query is None
        else parse(query, lambda name: expanded(call_field(name), expand)),
        expand=expand,
        sort=_sort(sort_by),
        limit=limit,
        offset=offset or 0,
        columns=None if columns is None else _columns(columns),
        scored_by=[SCORE + _scorer(name) for name in scorers],
        page_size=page_size,
    )


def _checked(key: str, value: Any) -> Any:
    if key not in FILTER_KEYS:
        near = get_close_matches(str(key), FILTER_KEYS, 1)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise QueryError(f"{key!r} is not a filter.{hint} There are {', '.join(FILTER_KEYS)}.")
    if key in LISTS and value is not None:
        return _texts(key, value)
    if key == "text" and value is not None:
        return _texts(key, [value])[0]
    return bool(value) if key == "trace_roots_only" else value


def _columns(columns: Any) -> list[str]:
    names = _texts("columns", columns)
    for name in names:
        if call_field(name).root == "feedback":
            raise QueryError(f"{name!r} is no column: feedback comes with include_feedback=True.")
    return names


def _texts(what: str, values: Any) -> list[str]:
    if isinstance(values, str) or not isinstance(values, Sequence | set | frozenset):
        raise QueryError(f"{what} is a list: write [{values!r}].")
    texts = [str(value) if not isinstance(value, str) else value for value in values]
    for text in texts:
        try:
            text.encode()
        except UnicodeError:
            raise QueryError(f"{what} has {text!r}, which is no text.") from None
    return texts


def _op_name(name: str) -> str:
    """Reads the name or the ref of an op: all versions of it, or one as `name:digest`."""
    if is_ref(name):
        ref = parse_ref(name)
        return ref.name if ref.version in ("", ANY) else f"{ref.name}:{ref.version}"
    return name.removesuffix(":" + ANY)


def _scorer(name: str) -> str:
    return parse_ref(name).name if is_ref(name) else name


def _sort(sort_by: Sequence[Mapping[str, str]] | None) -> tuple[tuple[str, str], ...]:
    if not sort_by:
        return ((START, "asc"),)
    try:
        made = tuple((item["field"], item.get("direction", "asc")) for item in sort_by)
    except (KeyError, TypeError, AttributeError):
        made = ()
    if not made or not all(isinstance(field, str) for field, _ in made):
        raise QueryError(
            "sort_by is a list of {'field': 'started_at', 'direction': 'desc'} and the like:"
            f" {sort_by!r} is none."
        )
    return made


def feedback_query(
    project: str,
    query: Mapping[str, Any] | str | None = None,
    *,
    reaction: str | None = None,
    offset: int = 0,
    limit: int | None = None,
) -> FeedbackQuery:
    """Makes a query of Weave's words: the id of feedback or an expression, and a reaction."""
    parts: list[Expression] = []
    if isinstance(query, str):
        parts.append(_equal("id", query))
    elif query is not None:
        parts.append(parse(query, feedback_field))
    if reaction is not None:
        parts += [_equal("type", REACTION), _equal("payload.emoji", reaction)]
    made = FeedbackQuery(project=project, offset=offset, limit=limit)
    return replace(made, where=Operation("$and", tuple(parts))) if parts else made


def _equal(name: str, value: str) -> Operation:
    field: Field = feedback_field(name)
    return Operation("$eq", (field, Literal(value)))
