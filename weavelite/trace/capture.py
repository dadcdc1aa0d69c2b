"""The code of an op: its source, and that of all the user's code that it reaches.

From a function, what it names is followed through closures, globals, attributes of modules,
arguments bound beforehand and methods of its class. What is not code is kept as its value, without
secrets; what comes from a package is kept as the import. The walk is bounded by counts, so that its
result is the same each time.
"""

import builtins
import functools
import sys
import types
from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from weavelite.ids import digest as digest_bytes
from weavelite.ids import digest_json
from weavelite.objects import OP_MARK
from weavelite.trace.source_text import Span, class_text, function_text
from weavelite.trace.source_users import (
    closure,
    codes,
    functions_of,
    is_a,
    is_users_class,
    is_users_function,
    is_users_module,
    module_of,
    wrapped_by,
)
from weavelite.trace.source_values import Describer, declared

PART_LIMIT = 2000
VISIT_LIMIT = 10 * PART_LIMIT  # methods are no parts: they stand in their class
_MORE = f"# …and more: the limit of {PART_LIMIT} parts was met"
_NOT_READ = "# The code could not be read"
_NOT_KEPT = "the source is not kept by this session"


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


NOT_CAPTURED = Source("# The code of this op is not captured.\n")


def is_whole(text: str | None) -> bool:
    """Tells whether the text of an op's code is all of it."""
    if not text or text == NOT_CAPTURED.text:
        return False
    return not text.startswith(_NOT_READ) and _MORE not in text


def source_of(fn: Callable[..., Any], owner: type | None) -> Source:
    """Collects the code of a function; `owner` is the class of its first argument, if any.

    A method reaches the methods of that class, those that override others among them.
    """
    try:
        text = _Collector().text(fn, owner)
    except Exception as error:  # user objects may do anything when they are looked at
        text = f"{_NOT_READ}: {type(error).__name__}\n"
    return Source(text.encode("utf-8", "backslashreplace").decode())


def defining_class(fn: Any, owner: type | None) -> type | None:
    """Finds the class a method is written in, among the bases of its first argument's class."""
    code = getattr(fn, "__code__", None) if is_a(fn, types.FunctionType) else None
    inside = code.co_qualname.rpartition(".")[0] if code is not None else ""
    for base in type.__getattribute__(owner, "__mro__") if owner is not None else ():
        name = type.__getattribute__(base, "__qualname__")
        if name == inside and module_of(base) == module_of(fn):
            found: type = base
            return found
    return None


def function_name(fn: Any) -> str:
    """Names a function as it is written: `Class.method`, or the name after the last `<locals>`."""
    inner = _inner(fn)
    code = inner.__code__ if isinstance(inner, types.FunctionType) else None
    name = code.co_qualname if code is not None else type(inner).__qualname__
    return name.rsplit("<locals>.", 1)[-1]


class _Collector:
    def __init__(self) -> None:
        self.imports: set[str] = set()
        self.values: dict[str, str] = {}
        self.parts: dict[str, str] = {}
        self._own = "__main__"
        self._labels: dict[int, str] = {}
        self._taken: Counter[str] = Counter()
        self._kept: list[Any] = []  # so that no id is used again
        self._queue: deque[Callable[[], None]] = deque()
        self._values = Describer(self._refer, is_users_class)

    def text(self, fn: Any, owner: type | None) -> str:
        main = _inner(fn)
        if is_a(main, types.FunctionType | type):
            self._own = module_of(main)
        label = self._main(main, owner)
        if fn is not main:
            self.values["op"] = self._values.text("", fn)
        visited = 0
        while self._queue and len(self.parts) < PART_LIMIT and visited < VISIT_LIMIT:
            self._queue.popleft()()
            visited += 1
        own = self.parts.pop(label or "", "")
        blocks = [
            "\n".join(sorted(self.imports, key=lambda line: (line.startswith("from"), line))),
            "\n".join(f"{name} = {text}" for name, text in sorted(self.values.items())),
            *dict.fromkeys(self.parts[name] for name in sorted(self.parts)),
            _MORE if self._queue else "",
            own,
        ]
        return "\n\n\n".join(block for block in blocks if block) + "\n"

    def _main(self, main: Any, owner: type | None) -> str | None:
        if is_a(main, types.FunctionType):
            cls = owner if defining_class(main, owner) is not None else None
            return self._function(main, cls)
        return self._refer(main)

    # Code that something names: what it is called, and its place in the queue.

    def _refer(self, value: Any) -> str | None:
        """Names code, and queues it when it is the user's; None for what is no code."""
        if is_a(value, types.FunctionType):
            state = value.__dict__.get(OP_MARK)
            if state is not None and getattr(state, "shell", None) is value:
                return self._refer(state.fn)
            return self._function(value, None) if is_users_function(value) else self._library(value)
        if is_a(value, type):
            if is_users_class(value):
                return self._class(value)
            return f"{module_of(value)}.{_qualname(value)}"
        if is_a(value, types.MethodType):
            return self._method_of(value)
        if is_a(value, types.ModuleType):
            return str(value.__dict__.get("__name__"))
        if is_a(value, types.BuiltinFunctionType | types.MethodDescriptorType):
            return str(value.__qualname__)
        if is_a(value, property | classmethod | staticmethod | functools._lru_cache_wrapper):
            labels = [self._refer(function) for function in functions_of(value)]
            return f"{type(value).__name__} {labels}"
        return None

    def _library(self, fn: types.FunctionType) -> str:
        """Names a function of a package, and looks for the user's inside: it may be a wrapper."""
        if id(fn) not in self._labels:
            self._label(fn, f"{module_of(fn)}.{fn.__code__.co_qualname}")
            held = list(closure(fn).values())
            registered = [item for cell in held if type(cell) is dict for item in cell.values()]
            for inner in (wrapped_by(fn), *held, *registered):
                if is_a(inner, types.FunctionType | types.MethodType):
                    self._refer(inner)
        return self._labels[id(fn)]

    def _method_of(self, method: types.MethodType) -> str | None:
        """Queues the function of a bound method; what it is bound to is written as a value."""
        holder: Any = method.__self__ if is_a(method.__self__, type) else type(method.__self__)
        for function in functions_of(method.__func__):
            state = function.__dict__.get(OP_MARK)
            function = getattr(state, "fn", function)
            if is_a(function, types.FunctionType) and is_users_function(function):
                self._function(function, holder)
        return None

    def _label(self, value: Any, name: str) -> str:
        """Names a thing by its name; others of the same name by their order of discovery."""
        if name.startswith(f"{self._own}."):
            name = name[len(self._own) + 1 :]
        self._taken[name] += 1
        label = name if self._taken[name] == 1 else f"{name}#{self._taken[name]}"
        self._labels[id(value)] = label
        self._kept.append(value)
        return label

    def _function(
        self, fn: types.FunctionType, cls: type | None, within: tuple[Span, str] | None = None
    ) -> str:
        known = self._labels.get(id(fn))
        if known is not None:
            return known
        label = self._label(fn, f"{module_of(fn)}.{fn.__code__.co_qualname}")
        self._queue.append(lambda: self._visit_function(fn, cls, label, within))
        return label

    def _class(self, cls: type, within: tuple[Span, str] | None = None) -> str:
        known = self._labels.get(id(cls))
        if known is not None:
            return known
        label = self._label(cls, f"{module_of(cls)}.{_qualname(cls)}")
        self._queue.append(lambda: self._visit_class(cls, label))
        return label

    # What is in the code.

    def _visit_function(
        self,
        fn: types.FunctionType,
        cls: type | None,
        label: str,
        within: tuple[Span, str] | None,
    ) -> None:
        code = fn.__code__
        inside = within is not None and (
            code.co_filename == within[1] and code.co_firstlineno in within[0]
        )
        if not inside:
            found = function_text(fn)
            self.parts[label] = found[0] if found is not None else self._fingerprint(fn)
            self._defaults(fn, label, found[1].names if found is not None else None)
        elif "<locals>" in code.co_qualname:  # what its class names may be around the class
            self._defaults(fn, label, None)
        held = closure(fn)
        for name in sorted(held.keys() - {"__class__"}):
            self._named(f"{label}:{name}", name, held[name], None)
        wrapped = wrapped_by(fn)
        if wrapped is not None:
            self._refer(wrapped)
        for part in codes(code):
            self._globals(part.co_names, fn.__globals__, module_of(fn))
            for name in part.co_names if cls is not None else ():
                self._member(cls, name, everywhere="__class__" in held)

    def _defaults(self, fn: types.FunctionType, label: str, names: Iterable[str] | None) -> None:
        """Keeps the defaults that cannot be read in the source; all when there is none."""
        code = fn.__code__
        positional = code.co_varnames[: code.co_argcount]
        pairs = zip(reversed(positional), reversed(fn.__defaults__ or ()), strict=False)
        for name, value in (*pairs, *(fn.__kwdefaults__ or {}).items()):
            if names is None or name in names:
                self._named(f"{label}({name})", name, value, None)

    def _globals(self, names: Iterable[str], scope: dict[str, Any], home: str) -> None:
        modules = []
        for name in names:
            if name not in scope or (name.startswith("__") and name.endswith("__")):
                continue
            value = scope[name]
            key = name if home == self._own else f"{home}.{name}"
            self._named(key, name, value, home)
            if is_users_module(value):
                modules.append(value)
        for module in modules:
            self._attributes(module, tuple(names), set())

    def _attributes(self, module: types.ModuleType, names: tuple[str, ...], seen: set[int]) -> None:
        seen.add(id(module))
        home = str(module.__dict__.get("__name__"))
        for name in names:
            if name not in module.__dict__ or name.startswith("__"):
                continue
            value = module.__dict__[name]
            self._named(name if home == self._own else f"{home}.{name}", name, value, home)
            if is_users_module(value) and id(value) not in seen:
                self._attributes(value, names, seen)

    def _named(self, key: str, name: str, value: Any, home: str | None) -> None:
        """Keeps what a name means: an import, code under its own or another name, or a value."""
        if is_a(value, types.ModuleType):
            module = str(value.__dict__.get("__name__"))
            alias = "" if module.partition(".")[0] == name else f" as {name}"
            self.imports.add(f"import {module}{alias}")
        elif is_a(value, types.FunctionType | type) and _is_foreign(value):
            label = self._refer(value)
            if value is not getattr(builtins, name, None):
                module, own = _public(value)
                if is_users_module(sys.modules.get(module)):  # a package's wrapper of the user's
                    self.values.setdefault(key, f"<{label}>")
                    return
                alias = "" if own == name else f" as {name}"
                self.imports.add(f"from {module} import {own}{alias}")
        elif is_a(value, types.BuiltinFunctionType):
            if value is not getattr(builtins, name, None):
                self.values.setdefault(key, f"<{value.__module__}.{value.__qualname__}>")
        elif key not in self.values:
            label = self._refer(value)
            if label is None:
                self.values[key] = self._values.text(name, value)
            elif label != key:
                self.values[key] = f"<{label}>"

    def _member(self, cls: Any, name: str, everywhere: bool) -> None:
        for base in type.__getattribute__(cls, "__mro__"):
            if name not in vars(base) or (name.startswith("__") and name.endswith("__")):
                continue
            if is_users_class(base):
                self._held_by(cls, base, name, vars(base)[name], None)
            if not everywhere:
                return

    def _held_by(
        self, cls: type, base: type, name: str, value: Any, within: tuple[Span, str] | None
    ) -> None:
        """Keeps a member of a class: its functions, or the value that it is."""
        functions = list(functions_of(value))
        for function in functions:
            state = function.__dict__.get(OP_MARK)
            function = getattr(state, "fn", function)
            if not is_a(function, types.FunctionType):
                self._refer(function)
            elif is_users_function(function):
                self._function(function, cls, within)
            else:
                self._refer(function)
        if functions or within is not None:
            if is_a(value, type):
                self._refer(value)
            return
        label = f"{module_of(base)}.{_qualname(base)}.{name}".removeprefix(f"{self._own}.")
        self._named(label, name, value, None)

    def _visit_class(self, cls: type, label: str) -> None:
        found = class_text(cls)
        scope = vars(sys.modules.get(module_of(cls), builtins))
        if found is not None:
            text, span, file = found
            self.parts[label] = text
            self._globals(span.names, scope, module_of(cls))
            within: tuple[Span, str] | None = (span, file)
            if "<locals>" in _qualname(cls):  # its values may come from around it
                self._outline(cls, label)
        else:
            within = None
            self.parts[label] = f"# {label}: {_NOT_KEPT}\n{self._outline(cls, label)}"
        for base in (*cls.__bases__, type(cls)):
            if is_users_class(base):
                self._class(base)
            elif found is None and base is not object and base is not type:
                self.imports.add(f"from {module_of(base)} import {_qualname(base)}")
        generated = declared(cls) is not None
        for name, member in list(vars(cls).items()):
            if generated and name.startswith("__") and _is_generated(member):
                continue
            if is_a(member, type) or any(True for _ in functions_of(member)):
                self._held_by(cls, cls, name, member, within or (Span(0, -1), ""))

    def _outline(self, cls: type, label: str) -> str:
        """Writes the fields of a class, and keeps the values of its plain attributes."""
        bases = ", ".join(_qualname(base) for base in cls.__bases__ if base is not object)
        lines = [f"class {_qualname(cls)}({bases}):"]
        annotations = vars(cls).get("__annotations__", {})
        for name, annotation in dict(annotations).items():
            lines.append(f"    {name}: {self._values.text('', annotation)}")
        for name, info in (declared(cls) or {}).items():
            for part in ("annotation", "default", "default_factory"):
                value = _slot(info, part)
                if value is not None:
                    self._named(f"{label}.{name}.{part}", name, value, None)
        for name, value in list(vars(cls).items()):
            hidden = name.startswith(("__", "_abc_", "model_")) and name != "model_config"
            if hidden or is_a(value, type) or any(True for _ in functions_of(value)):
                continue
            self._named(f"{label}.{name}", name, value, None)
        return "\n".join(lines)

    def _fingerprint(self, fn: types.FunctionType) -> str:
        shapes = [
            (part.co_code.hex(), self._values.tree(_constants(part)), part.co_names)
            for part in codes(fn.__code__)
        ]
        return f"# {fn.__code__.co_qualname}: {_NOT_KEPT}\n# bytecode {digest_json(shapes)}"


def _inner(fn: Any) -> Any:
    """Looks through what stands in front of a function: partials, bound methods, call methods."""
    for _ in range(100):
        if is_a(fn, functools.partial):
            fn = fn.func
        elif is_a(fn, types.MethodType):
            fn = fn.__func__
        elif is_a(fn, types.FunctionType) and OP_MARK in fn.__dict__:
            state = fn.__dict__[OP_MARK]
            if getattr(state, "shell", None) is not fn:
                return fn
            fn = state.fn
        elif is_a(fn, types.FunctionType | type):
            return fn
        else:
            return wrapped_by(fn) or (type(fn) if is_users_class(type(fn)) else fn)
    return fn


def _is_foreign(value: Any) -> bool:
    if is_a(value, type):
        return not is_users_class(value)
    return OP_MARK not in value.__dict__ and not is_users_function(value)


def _public(value: Any) -> tuple[str, str]:
    if is_a(value, type):
        return module_of(value), _qualname(value)
    return str(value.__module__), str(value.__qualname__)


def _qualname(cls: type) -> str:
    return str(type.__getattribute__(cls, "__qualname__"))


def _constants(code: types.CodeType) -> list[Any]:
    return [c for c in code.co_consts if not is_a(c, types.CodeType)]


def _is_generated(member: Any) -> bool:
    """Says whether a method is one that a dataclass wrote itself."""
    return is_a(member, types.FunctionType) and member.__code__.co_filename == "<string>"


def _slot(info: Any, name: str) -> Any:
    """Reads what a field of a dataclass or pydantic model says."""
    value = getattr(info, name, None)
    return None if type(value).__name__ in ("PydanticUndefinedType", "_MISSING_TYPE") else value
