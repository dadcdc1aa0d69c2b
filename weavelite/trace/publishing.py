"""Objects, tables and ops on their way to the store: what is used publishes itself."""

import functools
import json
import sys
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FunctionType, MethodType
from typing import Any

from weavelite.ids import digest, digest_json, short_key
from weavelite.journal import entries
from weavelite.journal.segment import Journal
from weavelite.objects import (
    PUBLICATIONS,
    Object,
    Publication,
    kind_of,
    op_state,
)
from weavelite.records.writes import (
    ObjectWrite,
    OpWrite,
)
from weavelite.refs import Project, Ref, object_name, op_name
from weavelite.serialize import NOT_MINE, Keep, Sink, Walker, encode
from weavelite.tables import Table, jsonable
from weavelite.tables.writes import table_writes
from weavelite.trace.capture import Source, function_name, source_of

_FUNCTIONS = (FunctionType, MethodType, functools.partial)


class Publisher:
    """Writes versions of one project to the journal, each once a segment at most."""

    def __init__(
        self, project: Project, journal: Journal, keep: Keep, keep_code: bool = True
    ) -> None:
        self._project = project
        self.keep = keep
        self._keep_code = keep_code
        self._journal = journal
        self._definitions: dict[int, tuple[OpWrite, bytes | None]] = {}
        self._tables: set[str] = set()
        self._looks = 0
        self._programs = 0
        self._read: weakref.WeakSet[Any] = weakref.WeakSet()

    def look_again(self) -> None:
        """Has code read anew when it is used next: in a notebook, what a function names changes."""
        if not self._programs:
            self._looks += 1
            self._read.clear()

    @contextmanager
    def keeping_versions(self) -> Iterator[None]:
        """Takes what changes during the block, as a cache or a counter, for no change of code."""
        self._programs += 1
        try:
            yield
        finally:
            self._programs -= 1
            for state in list(self._read) if not self._programs else ():
                state.settle()

    def object(self, value: Any, name: str | None, aliases: list[str] | None = None) -> Ref:
        """Publishes a value as the newest version of a name; returns its ref by digest."""
        write = self._object_write(value, name, aliases or [])
        self._journal.append(*entries.pack(write))
        return Ref(self._project, "object", write.name, write.digest)

    def _object_write(self, value: Any, name: str | None, aliases: list[str]) -> ObjectWrite:
        record = (
            value._record(self.save) if isinstance(value, Object) else jsonable(value, self.save)
        )
        kind, class_name = kind_of(record)
        return ObjectWrite(
            project=str(self._project),
            name=object_name(name or getattr(value, "name", None) or type(value).__name__),
            digest=digest_json(record),
            kind=kind,
            class_name=class_name,
            val=json.dumps(record),  # the digest is of sorted keys; what is kept has their order
            created_ns=time.time_ns(),
            aliases=aliases,
        )

    def publish(self, value: Any, name: str | None, aliases: list[str]) -> Ref:
        """Publishes a value by the user's wish; an object is known by this ref from now on."""
        state = op_state(value)
        if state is not None:
            return self._op_ref(state)
        ref = self.object(value, name, aliases)
        if isinstance(value, Object):
            self.recall(value, ref)
        return ref

    def recall(self, value: Object, ref: Ref) -> None:
        """Takes it that an object, as it is now, is what a ref points to."""
        PUBLICATIONS.remember(value, Publication(self, self._mark(value), ref))

    def table(self, table: Table) -> Ref:
        """Writes a table, once."""
        name = table.digest(self.save)
        if name not in self._tables:
            for write in table_writes(name, table.written(self.save), len(table)):
                self._journal.append(*entries.pack(write))
            self._tables.add(name)
        return Ref(self._project, "table", name)

    def save(self, value: Any) -> Any:
        """Publishes a part of a value; returns the text of its ref, or the JSON that stands for it.

        Content is kept whatever its size: who publishes something wants to have it again.
        """
        is_op = op_state(value) is not None
        if is_op or isinstance(value, Object | Table):
            return str(self.ref_of(value))
        if isinstance(value, _FUNCTIONS):
            return self._function(value)
        return Walker(Sink(self.keep, sys.maxsize), classes=True).walk(value)

    def _function(self, value: Any) -> dict[str, str]:
        code = source_of(value, None)
        self._journal.append(*entries.pack_file(code.file_digest, code.text.encode()))
        return {"_type": "function", "name": function_name(value), "code": code.file_digest}

    def ref_of(self, value: Any) -> Ref:
        """Returns the ref of an object as it is now; publishes it when it is new or has changed."""
        if isinstance(value, Table):
            return self.table(value)
        state = op_state(value)
        if state is not None:
            return self._op_ref(state)
        return self._object_ref(value)

    def _object_ref(self, value: Object) -> Ref:
        known = PUBLICATIONS.of(value)
        ours = known is not None and known.publisher is self
        if known is not None and ours and known.mark == self._mark(value):
            return known.ref
        write = self._object_write(value, known.ref.name if known is not None else None, [])
        ref = Ref(self._project, "object", write.name, write.digest)
        if known is None or not ours or known.ref != ref:  # else it would become the newest again
            self._journal.append(*entries.pack(write))
        self.recall(value, ref)
        return ref

    def _mark(self, value: Object) -> bytes:
        """Tells how an object is, to see whether it has changed: its fields, and its code."""
        return b"%d " % self._looks + _fields_mark(value)

    def _op_ref(self, state: Any) -> Ref:
        if state.bind(self, looks=self._looks):
            self._read.add(state)
        ref: Ref = state.ref
        return ref

    def define_op(self, name: str, kind: str, code: Source | None) -> tuple[int, Ref]:
        """Makes a version of an op known; returns its key, and its ref by digest."""
        version = code.digest if code is not None else ""
        key = short_key("\0".join((str(self._project), name, kind, version)))
        write = OpWrite(
            key=key,
            project=str(self._project),
            name=name,
            kind=kind,
            digest=version or None,
            code=code.file_digest if code is not None and self._keep_code else None,
            created_ns=time.time_ns(),
        )
        self._definitions[key] = (write, code.text.encode() if code is not None else None)
        self.write_definition(key)
        return key, Ref(self._project, "op", op_name(name), version)

    def write_definition(self, key: int) -> None:
        """Repeats the definition of an op in a segment that does not have it yet."""
        write, text = self._definitions[key]
        if text is not None and write.code is not None:
            self._journal.append(*entries.pack_file(write.code, text))
        segment = self._journal.append(*entries.pack(write))
        if segment is not None:
            segment.defined.add(key)


def _fields_mark(value: Object) -> bytes:
    """Writes the fields of an object in short, to see whether they have changed."""
    functions = {
        name: id(field) for name, field in value.__dict__.items() if isinstance(field, _FUNCTIONS)
    }
    return encode(value.__dict__, sys.maxsize, digest) + encode(functions)


def ref_codec(current: Callable[[], Publisher | None]) -> Callable[[Any], Any]:
    """Makes the codec by which objects and ops in inputs and outputs stand as refs."""

    def codec(value: Any) -> Any:
        if isinstance(value, Ref):
            return str(value)
        if not isinstance(value, Object | Table) and op_state(value) is None:
            return NOT_MINE
        publisher = current()
        return NOT_MINE if publisher is None else str(publisher.ref_of(value))

    return codec
