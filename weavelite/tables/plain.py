"""Values as the plain JSON that objects and rows are stored as, and digested by."""

from collections.abc import Callable, Mapping
from typing import Any

from weavelite.errors import NotFoundError
from weavelite.ids import canonical_json
from weavelite.refs import Ref
from weavelite.serialize import Walker, looks_tagged

Save = Callable[[Any], Any]
"""Publishes a part of a value, and returns the text of its ref, or the JSON that stands for it."""


class NotPlainError(TypeError):
    """Says that a value is more than JSON gives back."""


def only_plain(value: Any) -> Any:
    """Is a `Save` that publishes nothing; raises NotPlainError."""
    raise NotPlainError(type(value).__name__)


class StoredFunction:
    """Is a function as it was published: its name and the digest of its code, which is not run."""

    def __init__(self, record: Mapping[str, Any]) -> None:
        self.record = dict(record)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Says that stored code does not run."""
        raise NotFoundError(
            f"The function {self.record['name']!r} was read from the store, where code does not "
            "run: set the field that holds it to the function itself."
        )


def jsonable(value: Any, save: Save) -> Any:
    """Turns a value into plain JSON; objects, tables and ops inside it are saved, and are refs.

    NaN stays, and keys become text as in JSON, so that digests are those of Weave.
    """
    match value:
        case None | bool() | int() | float() | str():
            return value if type(value) in _PLAIN and _is_unicode(value) else _walk(value)
        case dict() if not looks_tagged(value):
            return {_key(key): jsonable(item, save) for key, item in value.items()}
        case list() | tuple() if not hasattr(value, "_fields"):
            return [jsonable(item, save) for item in value]
    if isinstance(value, StoredFunction):
        return value.record
    if isinstance(value, Ref):
        return str(value)
    return save(value)


_PLAIN = (type(None), bool, int, float, str)


def _is_unicode(value: Any) -> bool:
    if type(value) is not str or value.isascii():
        return True
    return not any("\ud800" <= character <= "\udfff" for character in value)


def _walk(value: Any) -> Any:
    return Walker(classes=True).walk(value, 0)


def _key(key: Any) -> str:
    match key:
        case str():
            return key
        case True | False | None:
            return canonical_json(key)
        case int() | float():
            return canonical_json(key)
    return str(key)
