"""Which code is the user's: what lies outside of the standard library and of site-packages."""

import functools
import inspect
import site
import sys
import sysconfig
import types
from collections.abc import Iterator
from typing import Any

_LIBRARIES = tuple(
    {
        *(sysconfig.get_paths()[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")),
        *site.getsitepackages(),
        site.getusersitepackages(),
        __file__.rpartition("/weavelite/trace/")[0] + "/weavelite/",
    }
)


def is_a(value: Any, kind: type | types.UnionType) -> bool:
    """Says what `isinstance` says, without asking the value for its `__class__`."""
    return issubclass(type(value), kind)


def is_users_module(module: Any) -> bool:
    """Says whether a module is the user's."""
    if not is_a(module, types.ModuleType):
        return False
    held = module.__dict__
    path, name = held.get("__file__"), held.get("__name__")
    if name == "builtins":
        return False
    return not str(path).startswith(_LIBRARIES) if path is not None else name == "__main__"


def is_users_class(cls: type) -> bool:
    """Says whether a class is defined in a module of the user's."""
    return is_users_module(sys.modules.get(module_of(cls)))


def is_users_function(fn: types.FunctionType) -> bool:
    """Says whether a function runs in a module of the user's; what was copied onto it is not it."""
    module = sys.modules.get(str(fn.__globals__.get("__name__")))
    if module is not None:
        return is_users_module(module)
    return not fn.__code__.co_filename.startswith((*_LIBRARIES, "<frozen"))


def module_of(value: Any) -> str:
    """Names the module of a class or function."""
    if is_a(value, types.FunctionType):
        return str(value.__globals__.get("__name__") or "__main__")
    return str(type.__dict__["__module__"].__get__(value))


def functions_of(member: Any) -> Iterator[types.FunctionType]:
    """Finds the functions behind a member of a class: properties, class methods and the like."""
    if is_a(member, types.FunctionType):
        yield member
    elif is_a(member, property):
        for part in (member.fget, member.fset, member.fdel):
            yield from functions_of(part)
    elif is_a(member, classmethod | staticmethod | types.MethodType):
        yield from functions_of(member.__func__)
    elif is_a(member, functools.cached_property | functools.partialmethod):
        yield from functions_of(member.func)
    elif is_a(member, functools.singledispatchmethod):
        for function in member.dispatcher.registry.values():
            yield from functions_of(function)
    else:
        wrapped = wrapped_by(member)
        if wrapped is not None:
            yield wrapped


def wrapped_by(value: Any) -> types.FunctionType | None:
    """Finds the function that a wrapper says it wraps, in what the wrapper itself holds."""
    if is_a(value, types.FunctionType):
        found = value.__dict__.get("__wrapped__")
    else:
        try:
            found = inspect.getattr_static(value, "__wrapped__", None)
        except Exception:  # an odd metaclass
            return None
    fn: types.FunctionType | None = found if is_a(found, types.FunctionType) else None
    return fn


def closure(fn: types.FunctionType) -> dict[str, Any]:
    """Gives the variables that a function holds of the functions around it."""
    found = {}
    for name, cell in zip(fn.__code__.co_freevars, fn.__closure__ or (), strict=False):
        try:
            found[name] = cell.cell_contents
        except ValueError:  # not yet assigned
            continue
    return found


def codes(code: types.CodeType) -> Iterator[types.CodeType]:
    """Gives a code object and those inside it."""
    yield code
    for constant in code.co_consts:
        if is_a(constant, types.CodeType):
            yield from codes(constant)
