"""Calls as a table in a file, a piece at a time: CSV, JSON, JSON Lines and Parquet."""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import orjson

from weavelite.errors import MissingExtraError, QueryError
from weavelite.query import CallQuery, call_field, parts
from weavelite.records.answers import CallDetail
from weavelite.records.words import NOTE
from weavelite.store.base import Store

Row = dict[str, Any]

USUAL = (
    "id", "trace_id", "parent_id", "op_name", "kind", "status", "started_at", "ended_at", "latency",
    "model", "input_tokens", "output_tokens", "tokens", "cost", "error", "thread_id", "inputs",
    "output", "attributes", "scores", "reactions", "notes",
)  # fmt: skip
"""Are the columns where none are named."""
_PIECE = 500
_NUMBERS = {"latency", "cost"}
_COUNTS = {"input_tokens", "output_tokens", "tokens"}
_TIMES = {"started_at", "ended_at"}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_HEADER: dict[str, Callable[[CallDetail], Any]] = {
    "op_version": lambda call: f"{call.op_name}:{call.op_digest}",
    "trace_name": lambda call: call.display_name or call.op_name,
    "started_at": lambda call: _time(call.start_us),
    "ended_at": lambda call: _time(call.end_us),
    "latency": lambda call: None if call.end_us is None else (call.end_us - call.start_us) / 1e6,
    "tokens": lambda call: call.sum_tokens,
    "cost": lambda call: call.sum_cost,
    "notes": lambda call: [item.payload.get("note") for item in call.feedback if item.type == NOTE],
}


def export(
    store: Store, query: CallQuery, format: str, columns: Sequence[str] = ()
) -> Iterator[bytes]:
    """Writes the calls that a query finds, in its order, piece by piece.

    Raises QueryError and MissingExtraError before the first piece.

    Args:
        store: where the calls are.
        query: which.
        format: csv, json, jsonl or parquet.
        columns: fields of calls, and `cost`; `USUAL` when there are none.

    """
    write = FORMATS.get(format)
    if write is None:
        raise QueryError(f"{format!r} is not a format: use one of {', '.join(FORMATS)}.")
    names = list(columns) or list(USUAL)
    return write(names, rows(store, query, names))


def rows(store: Store, query: CallQuery, names: Sequence[str]) -> Iterator[Row]:
    """Returns what calls hold in some fields, None where they lack one, in the query's order.

    Raises QueryError before the first row.
    """
    fields = [_asked(name) for name in names if name != "cost"]
    wanted = replace(query, columns=[*dict.fromkeys(fields), "parent_id", "tokens"])
    return _rows(store, wanted, names)


def _asked(name: str) -> str:
    """Names what has to be read for a column; raises QueryError."""
    if name == "scores":
        return "feedback.[*].payload"
    if name.startswith("feedback."):
        raise QueryError(f"{name!r} is no column of a file: use scores.<name>, reactions or notes.")
    call_field(name)
    return name


def _rows(store: Store, query: CallQuery, names: Sequence[str]) -> Iterator[Row]:
    readers = {name: _reader(name) for name in names}
    for call in store.details(query, costs="cost" in names):
        yield {name: read(call) for name, read in readers.items()}


def _reader(name: str) -> Callable[[CallDetail], Any]:
    if name in _HEADER:
        return _HEADER[name]
    root, *path = parts(name)
    if root == "scores" and path:
        flat = ".".join(path)
        return lambda call: call.scores.get(flat)

    def read(call: CallDetail) -> Any:
        value = getattr(call, root, None)
        for step in path:
            value = _below(value, step)
        return value

    return read


def _below(value: Any, step: str) -> Any:
    if isinstance(value, dict):
        return value.get(step)
    if isinstance(value, list) and step.isdecimal() and int(step) < len(value):
        return value[int(step)]
    return None


def _time(us: int | None) -> str | None:
    if us is None:
        return None
    return datetime.fromtimestamp(us / 1e6, UTC).isoformat().replace("+00:00", "Z")


def _csv(names: Sequence[str], rows: Iterator[Row]) -> Iterator[bytes]:
    yield _lines([[_safe(name) for name in names]])
    while piece := list(islice(rows, _PIECE)):
        yield _lines([[_cell(row[name]) for name in names] for row in piece])


def _lines(rows: list[list[Any]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def _cell(value: Any) -> Any:
    """Writes a value for a sheet; a text never begins what a sheet takes for a formula."""
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value
    return _safe(_text(value))


def _safe(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def _text(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _json(names: Sequence[str], rows: Iterator[Row]) -> Iterator[bytes]:
    yield b"["
    before = b"\n"
    while piece := list(islice(rows, _PIECE)):
        yield before + b",\n".join(map(orjson.dumps, piece))
        before = b",\n"
    yield b"\n]\n"


def _jsonl(names: Sequence[str], rows: Iterator[Row]) -> Iterator[bytes]:
    while piece := list(islice(rows, _PIECE)):
        yield b"".join(orjson.dumps(row) + b"\n" for row in piece)


class _Sink(io.RawIOBase):
    """Holds what was written until it is taken."""

    def __init__(self) -> None:
        self._held: list[bytes] = []
        self._at = 0

    def writable(self) -> bool:
        """Tells that it can be written to."""
        return True

    def tell(self) -> int:
        """Returns how much was written."""
        return self._at

    def write(self, data: Any) -> int:
        """Holds some bytes."""
        self._held.append(bytes(data))
        self._at += len(self._held[-1])
        return len(self._held[-1])

    def take(self) -> bytes:
        """Gives out what is held."""
        held, self._held = b"".join(self._held), []
        return held


def _parquet(names: Sequence[str], rows: Iterator[Row]) -> Iterator[bytes]:
    try:
        import pyarrow
        from pyarrow.parquet import ParquetWriter
    except ImportError:
        raise MissingExtraError("Parquet", "parquet") from None

    def type_of(name: str) -> Any:
        if name in _TIMES:
            return pyarrow.timestamp("us", "UTC")
        if name in _COUNTS:
            return pyarrow.int64()
        return pyarrow.float64() if name in _NUMBERS else pyarrow.string()

    schema = pyarrow.schema([(name, type_of(name)) for name in names])

    def pieces() -> Iterator[bytes]:
        sink = _Sink()
        with ParquetWriter(sink, schema) as writer:
            while piece := list(islice(rows, _PIECE)):
                table = [{name: _typed(name, row[name]) for name in names} for row in piece]
                writer.write_table(pyarrow.Table.from_pylist(table, schema))
                yield sink.take()
        yield sink.take()

    return pieces()


def _typed(name: str, value: Any) -> Any:
    if value is None or name in _COUNTS or name in _NUMBERS:
        return value
    return datetime.fromisoformat(value) if name in _TIMES else _text(value)


FORMATS: dict[str, Callable[[Sequence[str], Iterator[Row]], Iterator[bytes]]] = {
    "csv": _csv,
    "json": _json,
    "jsonl": _jsonl,
    "parquet": _parquet,
}
