"""How values of optional libraries are recorded, one file a library, and the door for users' own.

A codec is imported when a value of its library is met, which the program has imported then, or when
a stored one is read. A type of a library that is missing comes back as a `Stored`.
"""

import importlib
from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar

from weavelite.serialize import CODECS, FINDERS, LOADERS, NOT_MINE, Loader, Stored

T = TypeVar("T")

ROOMS = {
    "PIL": "pillow",
    "numpy": "numpy",
    "pandas": "pandas",
    "polars": "polars",
    "rich": "markdown",
    "wave": "wave",
    "weave": "content",
    "weavelite": "content",
}
"""Where the codec of a library is: by the first part of the name of a value's class."""


def register_codec(
    cls: type[T],
    save: Callable[[T], Any],
    load: Callable[[Any], T] | None = None,
    *,
    name: str | None = None,
) -> None:
    """Says how values of a class are recorded, and how they come back.

    What `save` returns is recorded in place of the value: text, numbers, lists and dictionaries,
    and also bytes, `Content`, arrays or whatever else weavelite knows. `load` gets it back, and
    makes the value of it; without it, what was saved is what is read.

        weavelite.register_codec(Money, lambda m: str(m.amount), lambda text: Money(text))

    Args:
        cls: the class; values of its subclasses are recorded in the same way.
        save: must not change the value.
        load: is called in programs that have registered the class, too.
        name: what the type is called where it is stored; by default the name of the class.

    """
    known_as = name or f"{cls.__module__}.{cls.__qualname__}"

    def codec(value: Any) -> Any:
        if not isinstance(value, cls):
            return NOT_MINE
        return save(value) if load is None else Stored(known_as, save(value))

    CODECS.insert(0, codec)
    if load is not None:
        LOADERS[known_as] = lambda stored: load(stored.val)


def save_optional(value: Any) -> Any:
    """Asks the codec of the library that a value's class, or a base of it, comes from."""
    room = _room_of(type(value))  # type: ignore[arg-type]
    return NOT_MINE if room is None else _codec(room).save(value)


@lru_cache(1024)
def _room_of(cls: type) -> str | None:
    for base in cls.__mro__[:-1]:
        room = ROOMS.get(base.__module__.partition(".")[0])
        if room is not None:
            return room
    return None


def find_loader(name: str) -> Loader | None:
    """Finds what makes values of a stored type of an optional library."""
    room = ROOMS.get(name.partition(".")[0])
    if room is None:
        return None
    loader: Loader | None = _codec(room).LOADERS.get(name)
    return loader


def _codec(room: str) -> Any:
    return importlib.import_module(f"weavelite.codecs.{room}")


CODECS.append(save_optional)
FINDERS.append(find_loader)
