"""Stored values back as Python objects; stored code never runs."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from weavelite.errors import NotFoundError
from weavelite.objects import Object, class_named
from weavelite.refs import Ref, is_ref, parse_ref
from weavelite.serialize import looks_tagged, restore
from weavelite.tables import Page, RowsInStore, StoredFunction, Table
from weavelite.trace.op import LIVE, OpState

if TYPE_CHECKING:
    from weavelite.trace.client import Client


class StoredObject(dict[str, Any]):
    """Is an object whose class this program does not have: its fields, as keys and attributes."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"{self.get('_class_name')} has no field {name!r}") from None


class StoredOp:
    """Is an op as it was published: its name and its code, which is not run."""

    def __init__(self, ref: Ref, code: str | None) -> None:
        self.ref = ref
        self.name = ref.name
        self.code = code or ""

    def __repr__(self) -> str:
        return f"<op {self.ref}>"


def load(client: "Client", ref: Ref | str) -> Any:
    """Reads what a ref points to: a call, a table, an op, or an object with what it refers to."""
    ref = parse_ref(ref) if isinstance(ref, str) else ref
    project = str(ref.project)
    if ref.extra[:3] == ("attr", "rows", "id"):
        return _one_row(client, ref, ref.extra[3:])
    if ref.kind == "table" and ref.extra[:1] == ("id",):
        return _one_row(client, ref, ref.extra[1:])
    match ref.kind:
        case "call":
            value: Any = client.get_call(ref.name)
        case "table":
            value = _table(client, ref.name)
        case "op":
            found = client.store.op_version(project, ref.name, ref.version or "latest")
            found_ref = Ref(ref.project, "op", ref.name, found.digest)
            alive = live_ops(client, ref.name, found.digest)
            value = alive[-1].shell if alive else StoredOp(found_ref, found.code)
        case _:
            version = client.store.object_version(project, ref.name, ref.version or "latest")
            value = _value(client, version.value)
            if isinstance(value, Object):
                client.publisher.recall(value, Ref(ref.project, "object", ref.name, version.digest))
    return _inside(value, ref)


def live_ops(client: "Client", name: str, version: str | None) -> list[OpState]:
    """Finds the ops of this program that are a version, those made last at the end."""
    found = list(LIVE.get(name, {}).values())
    for state in found:
        state.bind(client.publisher)
    return [state for state in found if state.digest == version]


def _table(client: "Client", digest: str) -> Table:
    """Makes a table whose rows are read when they are asked for."""
    size = client.store.table_rows(digest, limit=1).total

    def read(start: int, count: int) -> Page:
        found = client.store.table_rows(digest, start - 1, count)
        if [row.index for row in found.rows] != list(range(start, min(start + count, size))):
            raise NotFoundError(f"Rows of table {digest} are missing from {start} on.")
        return Page([(row.digest, row.value) for row in found.rows])

    return Table.stored(digest, RowsInStore(size, read, client.content))


def _value(client: "Client", value: Any) -> Any:
    if is_ref(value):
        return load(client, value)
    if isinstance(value, list):
        return [_value(client, item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("_type") == "function" and value.keys() == {"_type", "name", "code"}:
        return StoredFunction(value)
    cls = class_named(str(value.get("_class_name", "")))
    if cls is not None:
        return cls._from_record(value, lambda item: _value(client, item))
    if "_class_name" in value:
        return StoredObject({key: _value(client, item) for key, item in value.items()})
    if looks_tagged(value):
        return restore(value, client.content)
    return {key: _value(client, item) for key, item in value.items()}


def _inside(value: Any, ref: Ref) -> Any:
    """Follows the path of a ref into a value."""
    for edge, step in zip(ref.extra[::2], ref.extra[1::2], strict=True):
        try:
            match edge:
                case "attr":
                    value = getattr(value, step)
                case "key":
                    value = value[step]
                case "index":
                    value = value[int(step)]
        except (AttributeError, KeyError, IndexError, ValueError):
            raise NotFoundError(f"{ref} points to nothing: there is no {edge} {step!r}.") from None
    return value


def _one_row(client: "Client", ref: Ref, path: tuple[str, ...]) -> Any:
    """Reads a row of a table by its digest, without the other rows, and follows the path in it."""
    found = client.store.rows(path[:1])
    if path[0] not in found:
        raise NotFoundError(f"{ref} points to nothing: there is no such row.")
    return _inside(restore(found[path[0]], client.content), replace(ref, extra=path[1:]))
