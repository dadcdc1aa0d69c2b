"""The code of an op: its source, and that of all the user's code that it reaches.

Code is the user's when it lies outside the standard library and site-packages. From a function,
what it names is followed through closures, globals, attributes of modules and methods of its class.
What is not code is kept as its value when it is short JSON, and as its type otherwise; what comes
from a package is kept as the import.
"""

import builtins
import functools
import inspect
import json
import re
import site
import sys
import sysconfig
import textwrap
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from weavelite.ids import digest as digest_bytes
from weavelite.ids import digest_json
from weavelite.objects import OP_MARK
from weavelite.serialize import stable_repr

VALUE_LIMIT = 2000
_SECRET = re.compile(r"(?i)key|token|secret|passw|credential")


@dataclass(frozen=True, slots=True)
class Source:
    """Is the text of an op's code, and the digests of its file and of the op."""

    text: str

    @property
    def file_digest(self) -> str:
        """Names the file that holds the text."""
        return digest_bytes(self.text.encode())

    @property
    def digest(self) -> str:
        """Names the op version, of the same shape as Weave's."""
        return digest_json(
            {
                "_type": "CustomWeaveType",
                "weave_type": {"type": "Op"},
                "files": {"obj.py": self.file_digest},
            }
        )


def source_of(fn: Callable[..., Any], owner: type | None) -> Source:
    """Collects the code of a function; `owner` is the class of its first argument, if any."""
    try:
        return Source(_Collector().text(fn, owner))
    except Exception as error:  # user objects may do anything when they are looked at
        return Source(f"# The code could not be read: {type(error).__name__}: {error}\n")


class _Collector:
    def __init__(self) -> None:
        self.imports: set[str] = set()
        self.values: dict[str, str] = {}
        self.parts: dict[str, str] = {}
        self._seen: set[int] = set()

    def text(self, fn: Callable[..., Any], owner: type | None) -> str:
        fn = unwrapped(fn)
        own = _name(fn)
        self._function(fn, _class_of(fn, owner))
        main = self.parts.pop(own, "")
        blocks = [
            "\n".join(sorted(self.imports)),
            "\n".join(f"{name} = {text}" for name, text in sorted(self.values.items())),
            *(self.parts[name] for name in sorted(self.parts)),
            main,
        ]
        return "\n\n\n".join(block for block in blocks if block) + "\n"

    def _function(self, fn: Any, cls: type | None) -> None:
        if id(fn) in self._seen or not isinstance(fn, types.FunctionType):
            return
        self._seen.add(id(fn))
        self.parts[_name(fn)] = _source(fn)
        scope = {**fn.__globals__, **_closure(fn)}
        for code in _codes(fn.__code__):
            modules = []
            for name in (*code.co_names, *code.co_freevars):
                if name in scope:
                    self._value(name, scope[name])
                    if isinstance(scope[name], types.ModuleType) and _is_users(scope[name]):
                        modules.append(scope[name])
                elif cls is not None:
                    self._member(cls, name)
            for module in modules:
                self._attributes(module, code.co_names)
        for default in (*(fn.__defaults__ or ()), *(fn.__kwdefaults__ or {}).values()):
            if callable(default):
                self._value(getattr(default, "__name__", "default"), default)

    def _attributes(self, module: types.ModuleType, names: tuple[str, ...]) -> None:
        for name in names:
            if name in vars(module):
                value = vars(module)[name]
                short = module.__name__.rpartition(".")[2]
                self._value(name if _is_code(value) else f"{short}.{name}", value)
                if isinstance(value, types.ModuleType) and _is_users(value):
                    self._attributes(value, tuple(n for n in names if n != name))

    def _member(self, cls: type, name: str) -> None:
        for base in cls.__mro__:
            if name in vars(base) and _is_users(sys.modules.get(base.__module__)):
                value = vars(base)[name]
                if isinstance(value, property):
                    value = value.fget
                if isinstance(value, classmethod | staticmethod):
                    value = value.__func__
                self._function(unwrapped(value), cls)
                return

    def _value(self, name: str, value: Any) -> None:
        value = unwrapped(value)
        if isinstance(value, types.ModuleType):
            if not _is_users(value):
                self.imports.add(f"import {value.__name__}")
        elif isinstance(value, types.FunctionType | type):
            if hasattr(builtins, getattr(value, "__name__", "")) and not _in_user_code(value):
                return
            if not _in_user_code(value):
                self.imports.add(f"from {value.__module__} import {value.__qualname__}")
            elif isinstance(value, type):
                self._class(value)
            else:
                self._function(value, None)
        elif not isinstance(value, types.BuiltinFunctionType):
            self.values.setdefault(name, _constant(name, value))
            if _in_user_code(type(value)):
                self._class(type(value))

    def _class(self, cls: type) -> None:
        if id(cls) in self._seen:
            return
        self._seen.add(id(cls))
        self.parts[_name(cls)] = _source(cls)
        for base in cls.__bases__:
            self._value(base.__name__, base)
        for member in list(vars(cls).values()):
            inner = getattr(member, "__func__", getattr(member, "fget", member))
            inner = unwrapped(inner)
            if isinstance(inner, types.FunctionType) and inner.__module__ == cls.__module__:
                self._method(inner, cls)

    def _method(self, fn: types.FunctionType, cls: type) -> None:
        """Follows what a method names; its source is already in that of its class."""
        part = _name(fn)
        known = part in self.parts
        self._function(fn, cls)
        if not known:
            self.parts.pop(part, None)


def unwrapped(value: Any) -> Any:
    """Looks through partials, ops and other wrappers to the function itself."""
    while True:
        if isinstance(value, functools.partial):
            value = value.func
        elif isinstance(value, types.MethodType):
            value = value.__func__
        elif isinstance(getattr(value, "__wrapped__", None), types.FunctionType):
            value = value.__wrapped__
        elif hasattr(value, OP_MARK):
            value = getattr(value, OP_MARK).fn
        elif not isinstance(value, types.FunctionType | type) and _has_call(value):
            value = type(value).__call__
        else:
            return value


def _has_call(value: Any) -> bool:
    call = inspect.getattr_static(type(value), "__call__", None)
    return isinstance(call, types.FunctionType) and _in_user_code(call)


def _name(value: Any) -> str:
    return f"{value.__module__}.{value.__qualname__}"


def _class_of(fn: Any, owner: type | None) -> type | None:
    """Finds the class a method is written in, among the bases of its first argument's class."""
    inside = getattr(fn, "__qualname__", "").rpartition(".")[0]
    for base in owner.__mro__ if owner is not None else ():
        if base.__qualname__ == inside and base.__module__ == fn.__module__:
            return base
    return None


def _closure(fn: types.FunctionType) -> dict[str, Any]:
    found = {}
    for name, cell in zip(fn.__code__.co_freevars, fn.__closure__ or (), strict=False):
        try:
            found[name] = cell.cell_contents
        except ValueError:  # not yet assigned
            continue
    return found


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _codes(constant)


def _source(value: Any) -> str:
    try:
        return textwrap.dedent(inspect.getsource(value)).rstrip()
    except (OSError, TypeError):
        return f"# {value.__qualname__}: the source is not kept by this session\n" + _fingerprint(
            value
        )


def _fingerprint(value: Any) -> str:
    code = getattr(value, "__code__", None)
    if code is None:
        return ""
    shapes = [(c.co_code.hex(), stable_repr(_plain_constants(c)), c.co_names) for c in _codes(code)]
    return f"# bytecode {digest_json(shapes)}"


def _plain_constants(code: types.CodeType) -> list[Any]:
    return [c for c in code.co_consts if not isinstance(c, types.CodeType)]


def _constant(name: str, value: Any) -> str:
    if _SECRET.search(name):
        return '"REDACTED"'
    try:
        text = json.dumps(value, sort_keys=True)
    except (TypeError, ValueError, RecursionError):
        return f"<{type(value).__module__}.{type(value).__qualname__}>"
    return text if len(text) <= VALUE_LIMIT else f"<{digest_bytes(text.encode())}>"


def _is_code(value: Any) -> bool:
    return isinstance(unwrapped(value), types.FunctionType | type | types.ModuleType)


def _in_user_code(value: Any) -> bool:
    return _is_users(sys.modules.get(getattr(value, "__module__", None) or ""))


_LIBRARIES = tuple(
    {
        *(sysconfig.get_paths()[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")),
        *site.getsitepackages(),
        site.getusersitepackages(),
        __file__.rpartition("/weavelite/trace/")[0] + "/weavelite/",
    }
)


def _is_users(module: types.ModuleType | None) -> bool:
    if module is None or module.__name__ == "builtins":
        return False
    path = getattr(module, "__file__", None)
    if path is None:
        return module.__name__ == "__main__"
    return not str(path).startswith(_LIBRARIES)
