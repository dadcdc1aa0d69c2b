"""Calls as a store answers them, with what was asked for: some columns, costs, feedback, values."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from weavelite.errors import NotReadError
from weavelite.query import CallQuery, Field, call_field
from weavelite.refs import is_ref
from weavelite.trace.call import Call, stored_call
from weavelite.trace.costs import weave_costs

if TYPE_CHECKING:
    from weavelite.records.answers import CallDetail, Feedback
    from weavelite.trace.client import Client

ANY_FEEDBACK = "feedback.[*].payload"


class Reader:
    """Makes calls of what a store answers; `expand` are columns whose refs become their values."""

    def __init__(
        self,
        client: "Client",
        *,
        costs: bool = False,
        feedback: bool = False,
        expand: Sequence[str] = (),
    ) -> None:
        self._client = client
        self._costs, self._feedback = costs, feedback
        self._expand = [call_field(name) for name in expand]
        self._values: dict[str, Any] = {}

    def widened(self, query: CallQuery) -> CallQuery:
        """Asks for the columns that what is included needs, too."""
        return replace(query, columns=self._read(query.columns))

    def _read(self, columns: Sequence[str] | None) -> list[str] | None:
        if columns is None:
            return None
        more = ["summary"] if self._costs or self._feedback else []
        return [*columns, *more, *([ANY_FEEDBACK] if self._feedback else [])]

    def call(self, record: "CallDetail", columns: Sequence[str] | None) -> Call:
        """Makes a call, of which only some columns were read."""
        call = stored_call(self._client, record)
        noted: dict[str, Any] = {}
        if self._costs and record.usage:
            noted["costs"] = weave_costs(record.usage)
        if self._feedback:
            noted["feedback"] = [weave_feedback(call, item) for item in record.feedback]
        if noted:
            known = call.summary.get("weave")
            weave = {**(known if isinstance(known, dict) else {}), **noted}
            call._summary = {**call.summary, "weave": weave}
        if columns is None and not self._expand:
            return call
        viewed = _viewed(call, columns, self._expand, self._value)
        viewed.tokens = record.sum_tokens
        return viewed

    def _value(self, value: Any) -> Any:
        if not is_ref(value):
            return value
        if value not in self._values:
            self._values[value] = self._client.get(value)
        return self._values[value]


def weave_feedback(call: Call, item: "Feedback") -> dict[str, Any]:
    """Writes feedback as Weave has it in `summary.weave.feedback`."""
    return {
        "id": item.id,
        "feedback_type": item.type,
        "payload": item.payload,
        "creator": item.creator,
        "created_at": item.created_at,
        "weave_ref": str(call.ref),
    }


class ViewedCall(Call):
    """Is a call of which only some columns were read, or with the values of some refs."""

    columns: tuple[str, ...] | None = None
    expand: Sequence[Field] = ()
    value_of: Callable[[Any], Any]
    tokens: int | None = None

    def _seen(self, name: str, value: Any) -> Any:
        """Leaves in a body what was asked for."""
        if self.columns is not None:
            paths = [path for at, path in map(_place, map(call_field, self.columns)) if at == name]
            if not paths:
                raise NotReadError(name, self.columns)
            value = _only(value, paths)
        for at, path in map(_place, self.expand):
            if at == name:
                value = _replaced(value, path, self.value_of)
        return value

    @property
    def inputs(self) -> Any:
        """Are the arguments by name, those that were asked for."""
        return self._seen("inputs", super().inputs)

    @property  # type: ignore[misc]  # it has ended, and is not assigned
    def output(self) -> Any:
        """Is what the call returned, if it was asked for."""
        return self._seen("output", super().output)

    @property
    def attributes(self) -> dict[str, Any]:
        """Are the attributes that were asked for."""
        return dict(self._seen("attributes", super().attributes))

    @property
    def summary(self) -> dict[str, Any]:
        """Is what was noted about the call, if it was asked for."""
        return dict(self._seen("summary", super().summary))

    @property
    def exception(self) -> Any:  # type: ignore[override]
        """Is the exception with its traceback, if it was asked for."""
        return self._seen("exception", vars(self)["exception"])

    @property
    def turn_id(self) -> Any:  # type: ignore[override]
        """Is the turn of its conversation, if it was asked for."""
        return self._seen("turn_id", vars(self)["turn_id"])

    @property
    def latency_ms(self) -> float | None:
        """Is how long the call took, in milliseconds."""
        return None if self.latency is None else self.latency * 1000

    @property
    def trace_name(self) -> str:
        """Is the name that lists show."""
        return self.display_name or self.op_name

    def to_dict(self) -> dict[str, Any]:
        """Returns what was read of the call as plain values."""
        if self.columns is None:
            return super().to_dict()
        fields = [call_field(column) for column in self.columns if column != ANY_FEEDBACK]
        names = dict.fromkeys(_place(field)[0] for field in fields)
        return {name: getattr(self, name, None) for name in names}


def _viewed(
    call: Call,
    columns: Sequence[str] | None,
    expand: Sequence[Field],
    value_of: Callable[[Any], Any],
) -> ViewedCall:
    viewed = ViewedCall()
    viewed.__dict__.update(vars(call))
    viewed.columns = None if columns is None else tuple(columns)
    viewed.expand, viewed.value_of = expand, value_of
    return viewed


def _place(field: Field) -> tuple[str, tuple[str, ...]]:
    """Says in which attribute of a call a field is, and at which path of it."""
    path = tuple(step for step in field.path if step is not None)
    return (path[0], path[1:]) if field.root == "rest" else (field.root, path)


def _only(value: Any, paths: Sequence[tuple[str, ...]]) -> Any:
    """Leaves in dictionaries what is on one of some paths."""
    if not isinstance(value, dict) or not all(paths):
        return value
    below: dict[str, list[tuple[str, ...]]] = {}
    for first, *rest in paths:
        below.setdefault(first, []).append(tuple(rest))
    return {key: _only(value[key], rests) for key, rests in below.items() if key in value}


def _replaced(value: Any, path: Sequence[str], value_of: Callable[[Any], Any]) -> Any:
    """Puts the value of a ref where the ref is."""
    if not path:
        return value_of(value)
    if isinstance(value, dict) and path[0] in value:
        return {**value, path[0]: _replaced(value[path[0]], path[1:], value_of)}
    if isinstance(value, list) and path[0].isdecimal() and int(path[0]) < len(value):
        at = int(path[0])
        return [*value[:at], _replaced(value[at], path[1:], value_of), *value[at + 1 :]]
    return value
