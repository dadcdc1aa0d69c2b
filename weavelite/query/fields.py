r"""Names of fields, as Weave writes them: columns, paths into bodies, paths into feedback.

A name is parts with dots between them: `inputs.messages.0.content`. A part of digits is an index of
a list, or a key. A dot or a backslash that is in a key has a backslash in front: `inputs.a\.b`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

from weavelite.errors import QueryError
from weavelite.records.words import SCORE

TIMES = ("started_at", "ended_at")
COLUMNS = (
    "id", "trace_id", "parent_id", "op_name", "display_name", "kind", "status", *TIMES, "latency",
    "latency_ms", "model", "input_tokens", "output_tokens", "tokens", "error", "thread_id",
    "user_id", "wb_user_id", "wb_run_id", "trace_name",
)  # fmt: skip
OPS_OWN = ("op_name", "kind", "op_version")
"""Are the fields that all calls of one version of an op have in common."""
_REST = ("attributes", "summary", "exception", "turn_id")
_SAME = {
    "summary.weave.status": "status",
    "summary.weave.latency_ms": "latency_ms",
    "summary.weave.display_name": "display_name",
    "summary.weave.trace_name": "trace_name",
    "total_tokens": "tokens",
    "func_name": "op_name",
}
FEEDBACK_TEXTS = ("reactions", "notes")
_FEEDBACK = re.compile(r"feedback\.\[([^\]]*)\]\.(.+)", re.DOTALL)
_PART = re.compile(r"(?:[^.\\]|\\.)*", re.DOTALL)
FEEDBACK_COLUMNS = ("id", "call_id", "type", "creator", "created_at")
_SAME_IN_FEEDBACK = {"feedback_type": "type", "weave_ref": "call_id"}


@dataclass(frozen=True, slots=True)
class Field:
    """Is a field of a call: where it is, and the path into it.

    `root` is a column, a body (`inputs`, `output`, `rest`), or `feedback` (of the type `type`). At
    None a path goes on in the object that a ref points to.
    """

    root: str
    path: tuple[str | None, ...] = ()
    type: str | None = None

    @property
    def is_column(self) -> bool:
        """Tells that it can be read without a body."""
        return self.root in COLUMNS


def call_field(name: str) -> Field:
    """Reads the name of a field of a call; raises QueryError that names the nearest known one."""
    name = _SAME.get(_text(name), name)
    if name in COLUMNS:
        return Field(name)
    if found := _FEEDBACK.fullmatch(name):
        return _of_feedback(name, found[1], split(found[2]))
    if name in FEEDBACK_TEXTS:
        return Field(name)
    root, *path = split(name)
    if root in ("inputs", "output"):
        return Field(root, tuple(path))
    if root == "scores" and path and path[0]:
        return Field("feedback", ("payload", "output", *path[1:]), SCORE + path[0])
    if root in ("attributes", "summary") or (root in _REST and not path):
        return Field("rest", (root, *path))
    more = ("inputs", "output", *_REST, "scores.<name>", *FEEDBACK_TEXTS, "feedback.[type].payload")
    raise _unknown(name, [*COLUMNS, *more])


def expanded(field: Field, columns: Sequence[str]) -> Field:
    """Lets a field go on in the objects of the refs that are in some columns."""
    path = field.path
    for column in sorted(map(call_field, columns), key=lambda item: -len(item.path)):
        size = len(column.path)
        if field.root == column.root and path[:size] == column.path and len(path) > size:
            path = (*path[:size], None, *path[size:])
    return replace(field, path=path)


def _of_feedback(name: str, type: str, path: Sequence[str]) -> Field:
    if path[0] == "payload" or list(path) == ["creator"]:
        return Field("feedback", tuple(path), type)
    raise _unknown(name, ["feedback.[type].payload", "feedback.[type].creator"])


def feedback_field(name: str) -> Field:
    """Reads the name of a field of feedback; raises QueryError."""
    name = _SAME_IN_FEEDBACK.get(_text(name), name)
    root, *path = split(name)
    if root == "payload" or (root in FEEDBACK_COLUMNS and not path):
        return Field(root, tuple(path))
    raise _unknown(name, [*FEEDBACK_COLUMNS, "payload", *_SAME_IN_FEEDBACK])


def split(name: str) -> list[str]:
    """Splits a name at its dots; what follows a backslash belongs to a part."""
    parts, at = [], 0
    while True:
        found = _PART.match(name, at)
        end = found.end() if found else at
        if end < len(name) and name[end] != ".":
            raise QueryError(f"{name!r} ends in a backslash: write two of them for one in a key.")
        parts.append(re.sub(r"\\(.)", r"\1", name[at:end], flags=re.DOTALL))
        if end == len(name):
            return parts
        at = end + 1


def parts(name: str) -> list[str]:
    """Splits the name of a field, as it is called first."""
    return split(_SAME.get(name, name))


def written(parts: Sequence[str]) -> str:
    r"""Writes the parts of a name as `split` reads them; commas get a backslash, too, for lists."""
    return ".".join(re.sub(r"([.,\\])", r"\\\1", part) for part in parts)


def names(text: str) -> list[str]:
    r"""Splits a list of names at its commas; one in a name has a backslash in front."""
    found = re.findall(r"(?:[^,\\]|\\.|\\$)+", text, re.DOTALL)
    return list(dict.fromkeys(name.strip() for name in found if name.strip()))


def _text(name: object) -> str:
    if not isinstance(name, str):
        raise QueryError(f"{name!r} is not the name of a field: names are texts.")
    try:
        name.encode()
    except UnicodeError:
        raise QueryError(f"{name!r} is not the name of a field: it is no text.") from None
    return name


def _unknown(name: str, known: Sequence[str]) -> QueryError:
    near = get_close_matches(name.split(".")[0], known, 1)
    hint = f" Did you mean {near[0]}?" if near else ""
    return QueryError(f"{name!r} is not a field.{hint} Fields are {', '.join(known)}.")
