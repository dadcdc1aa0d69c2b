"""Values that code reaches, as text: stable between processes, without secrets or user code.

Nothing of the user's runs: no repr, no property, no iteration but that of the built-in types.
"""

import functools
import inspect
import itertools
import json
import re
import types
from collections import deque
from collections.abc import Callable, Iterator
from enum import Enum
from typing import Any

from weavelite.ids import digest as digest_bytes
from weavelite.tables import only_plain
from weavelite.trace.source_users import is_a, module_of

VALUE_LIMIT = 2000
NODE_LIMIT = 20_000
NODES_OF_ALL = 200_000
DEPTH_LIMIT = 50
STRING_LIMIT = 4_000_000
REDACTED = "REDACTED"

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_SECRET_WORDS = frozenset(
    {"secret", "secrets", "password", "passwd", "passphrase", "credential", "credentials"}
    | {"apikey", "authorization"}
)
_SECRET_PAIRS = frozenset(
    {("api", "key"), ("access", "key"), ("private", "key"), ("auth", "key"), ("api", "keys")}
    | {("auth", "headers"), ("auth", "header")}
)
_OPAQUE = re.compile(r"(?=.*\d)(?=.*[A-Za-z])[\w.~+/=-]{16,}")
_SHAPES = re.compile(
    r"\b(?:sk|pk|rk)[-_](?=[\w-]*[A-Z0-9])[\w-]{6,}"
    r"|\b(?:Bearer|Basic)\s+(?:(?=\S*\d)[\w.~+/=-]{8,}|[\w.~+/=-]{16,})"
    r"|\beyJ[\w-]{5,}\.[\w-]+(?:\.[\w-]*)?"
    r"|\bgh[pousr]_\w{16,}|\bgithub_pat_\w{16,}|\bhf_\w{16,}|\bglpat-[\w-]{16,}"
    r"|\bAKIA[0-9A-Z]{12,}|\bAIza[\w-]{20,}|\bxox[abprs]-[\w-]{8,}"
    r"|(?<=://)[^\s/:@]+:[^\s/@]+(?=@)"
)
# Their repr is their value, and is the library's.
_BY_REPR = frozenset(
    {"builtins.complex", "builtins.range", "builtins.slice", "builtins.ellipsis", "uuid.UUID"}
    | {"builtins.NotImplementedType", "decimal.Decimal", "fractions.Fraction", "zoneinfo.ZoneInfo"}
    | {f"datetime.{name}" for name in ("date", "time", "datetime", "timedelta", "timezone")}
    | {f"pathlib.{name}" for name in ("PosixPath", "WindowsPath")}
    | {f"pathlib.{name}" for name in ("PurePosixPath", "PureWindowsPath")}
    | {f"pathlib._local.{name}" for name in ("PosixPath", "WindowsPath")}
)

Refer = Callable[[Any], str | None]
"""Names a value that is code, and sees to it that the code is kept; None for other values."""


def is_secret(name: str, text: str) -> bool:
    """Says whether a string is likely a secret, going by the words of its name."""
    words = [word.lower() for word in _WORDS.findall(name)]
    if _SECRET_WORDS.intersection(words) or _SECRET_PAIRS.intersection(itertools.pairwise(words)):
        return True
    if "token" in words:
        return not re.search(r"[<>\[\]{}|\s]", text)  # "</s>" is a token of another kind
    return "key" in words and _OPAQUE.fullmatch(text) is not None


class Describer:
    """Turns values into JSON values: at most 20,000 parts of each, fewer when many are large."""

    def __init__(self, refer: Refer, is_users: Callable[[type], bool]) -> None:
        self._refer = refer
        self._is_users = is_users
        self._of_all = NODES_OF_ALL
        self._left = NODE_LIMIT
        self._above: set[int] = set()

    def text(self, name: str, value: Any) -> str:
        """Writes a value that has a name; a long one as its digest."""
        allowed = self._left = max(200, min(NODE_LIMIT, self._of_all))
        text = json.dumps(self.tree(value, name), sort_keys=True)
        self._of_all -= allowed - self._left
        return text if len(text) <= VALUE_LIMIT else f"<{digest_bytes(text.encode())}>"

    def tree(self, value: Any, name: str = "") -> Any:
        """Writes a value as JSON; `name` is the one that says whether it is a secret."""
        cls = type(value)
        if cls is bool or cls is float:
            return value
        if cls is str or value is None:
            return _string(value, name)
        if cls is int:
            return value if value.bit_length() <= 64 else hex(value)
        self._left -= 1
        if self._left < 0 or len(self._above) >= DEPTH_LIMIT:
            return "<more>"
        if id(value) in self._above:
            return "<cycle>"
        self._above.add(id(value))
        try:
            return self._large(value, cls, name)
        finally:
            self._above.discard(id(value))

    def _large(self, value: Any, cls: type, name: str) -> Any:
        if issubclass(cls, Enum):
            return f"<{self.class_name(cls)}.{object.__getattribute__(value, '_name_')}>"
        label = self._refer(value)
        if label is not None:
            return f"<{label}>"
        if issubclass(cls, functools.partial | types.MethodType):
            return self._bound(value, name)
        plain = self._builtin(value, cls, name)
        if plain is _NONE:
            return self._object(value, cls, name)
        if self._is_users(cls):
            return {"_type": self.class_name(cls), "value": plain}
        return plain

    def _bound(self, value: Any, name: str) -> Any:
        if is_a(value, types.MethodType):
            return {"_type": "method", "of": self.tree(value.__self__), "name": _method(value)}
        parts: Any = functools.partial
        bound = [getattr(parts, part).__get__(value) for part in ("func", "args", "keywords")]
        func, args, keywords = (self.tree(part, name) for part in bound)
        return {"_type": "partial", "func": func, "args": args, "keywords": keywords}

    def _builtin(self, value: Any, cls: type, name: str) -> Any:
        if issubclass(cls, str):
            return _string(str.__str__(value), name)
        if issubclass(cls, int):
            return self.tree(int.__int__(value))
        if issubclass(cls, float):
            return float.__float__(value)
        if issubclass(cls, bytes | bytearray):
            base = bytes if issubclass(cls, bytes) else bytearray
            return {
                "_type": "bytes",
                "text": _bytes(b"".join([base.__getitem__(value, _ALL)]), name),
            }
        if issubclass(cls, dict):
            return self._dict(list(dict.items(value)), name)
        if issubclass(cls, set | frozenset):
            items = set.__iter__(value) if issubclass(cls, set) else frozenset.__iter__(value)
            written = [self.tree(item, name) for item in sorted(items, key=_rank)]
            return {"_type": "set", "items": sorted(written, key=_json)}
        for kind in (list, tuple, deque):
            if issubclass(cls, kind):
                listed = [self.tree(item, name) for item in self._some(kind.__iter__(value))]
                count = kind.__len__(value)
                return listed if len(listed) == count else [*listed, f"<of {count}>"]
        return _NONE

    def _some(self, items: Iterator[Any]) -> Iterator[Any]:
        """Stops where the budget ends: each item costs."""
        for item in items:
            self._left -= 1
            yield item
            if self._left < 0:
                return

    def _dict(self, items: list[tuple[Any, Any]], name: str) -> Any:
        if all(type(key) is str for key, _ in items):
            return {
                key: self.tree(item, name if is_secret(name, "") else key)
                for key, item in self._some(iter(items))
            }
        items.sort(key=lambda pair: _rank(pair[0]))
        pairs = [
            [self.tree(key), self.tree(item, key if type(key) is str else name)]
            for key, item in self._some(iter(items))
        ]
        return {"_type": "dict", "pairs": sorted(pairs, key=_json)}

    def _object(self, value: Any, cls: type, name: str) -> Any:
        kind = _full_name(cls)
        if kind in _BY_REPR:
            return f"<{value!r}>"
        if cls is re.Pattern:
            return {"_type": "pattern", "text": self.tree(value.pattern, name), "is": value.flags}
        if kind == "weavelite.tables.Table":
            rows = attributes(attributes(value).get("_rows")).get("_rows")
            known = {"rows": self.tree(rows, name)} if rows is not None else _by_digest(value)
            return {"_type": "Table", **known}
        if (cls in _ALIASES or module_of(cls) == "typing") and hasattr(value, "__args__"):
            origin = self.tree(getattr(value, "__origin__", None))
            return {"_type": kind, "of": origin, "args": self.tree(tuple(value.__args__))}
        names = self._state_names(cls, found := attributes(value))
        if names is None:
            return f"<{kind}>"
        state = self._dict([(key, found[key]) for key in sorted(names) if key in found], name)
        return {"_type": self.class_name(cls), "state": state}

    def _state_names(self, cls: type, found: dict[str, Any]) -> set[str] | None:
        users = self._is_users(cls)
        call = inspect.getattr_static(cls, "__call__", None)
        if users and is_a(call, types.FunctionType):
            return set(found)
        fields = declared(cls)
        if fields is not None:
            return set(fields)
        return {key for key in found if not key.startswith("_")} if users else None

    def class_name(self, cls: type) -> str:
        """Names a class; the user's code of it is kept."""
        return self._refer(cls) or _full_name(cls)


_NONE = object()
_ALIASES = (types.UnionType, types.GenericAlias)
_ALL = slice(None)


def declared(cls: type) -> dict[str, Any] | None:
    """Finds the fields of a dataclass or pydantic model; None for other classes."""
    for base in type.__getattribute__(cls, "__mro__"):
        for name in ("__pydantic_fields__", "model_fields", "__dataclass_fields__"):
            fields = vars(base).get(name)
            if type(fields) is dict:
                return fields
    return None


def attributes(value: Any) -> dict[str, Any]:
    """Gives what an object holds, in its dictionary and its slots; no property runs."""
    found: dict[str, Any] = {}
    for base in type.__getattribute__(type(value), "__mro__"):
        for name, member in vars(base).items():
            if is_a(member, types.MemberDescriptorType):
                try:
                    found[name] = member.__get__(value)
                except AttributeError:  # a slot that is not filled
                    continue
        own = vars(base).get("__dict__")
        if own is not None and not is_a(own, types.GetSetDescriptorType):
            return found
    try:
        held = object.__getattribute__(value, "__dict__")
    except AttributeError:
        return found
    return {**found, **held} if type(held) is dict else found


def _string(text: str | None, name: str) -> str | None:
    if name and is_secret(name, text or ""):
        return REDACTED
    if text is None:
        return None
    if len(text) > STRING_LIMIT:  # a corpus; both its ends and its length are looked at
        half = STRING_LIMIT // 2
        raw = (text[:half] + text[-half:]).encode("utf-8", "surrogatepass")
        return f"<{len(text)} characters {digest_bytes(raw)}>"
    return _SHAPES.sub(REDACTED, text) if len(text) <= VALUE_LIMIT * 32 else text


def _bytes(raw: bytes, name: str) -> str:
    text = _string(raw[:STRING_LIMIT].decode("latin-1"), name)
    return f"{text}" if len(raw) <= STRING_LIMIT else f"<{len(raw)} bytes {text}>"


def _rank(value: Any) -> tuple[str, str]:
    """Orders the members of a set before they are described, the same in each process."""
    cls = type(value)
    if cls in (str, int, float, bool, bytes, tuple, frozenset):
        return cls.__name__, _rank_text(value)
    if is_a(value, types.FunctionType):
        return "function", f"{value.__code__.co_qualname} {value.__code__.co_firstlineno:9}"
    return _full_name(value if is_a(value, type) else cls), ""


def _rank_text(value: Any) -> str:
    if is_a(value, tuple):
        return " ".join(f"{_rank(item)}" for item in value)
    if is_a(value, frozenset):
        return " ".join(sorted(f"{_rank(item)}" for item in value))
    return hex(value) if type(value) is int else repr(value)


def _json(tree: Any) -> str:
    return json.dumps(tree, sort_keys=True)


def _by_digest(table: Any) -> dict[str, str]:
    """Names a table whose rows are not in memory."""
    return {"digest": table.digest(only_plain)}


def _full_name(cls: type) -> str:
    return f"{module_of(cls)}.{type.__getattribute__(cls, '__qualname__')}"


def _method(value: types.MethodType) -> str:
    code = getattr(value.__func__, "__code__", None)
    return code.co_name if isinstance(code, types.CodeType) else type(value.__func__).__name__
