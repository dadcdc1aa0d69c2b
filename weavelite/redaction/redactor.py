"""Finished JSON to JSON without secrets."""

import logging
from collections.abc import Callable, Iterable
from typing import Any

import orjson
from pydantic_core import SchemaValidator, core_schema

from weavelite.errors import SettingError
from weavelite.redaction.assigned import Assigned, is_secret_variable
from weavelite.redaction.kinds import CERTAIN, KINDS, REDACTED
from weavelite.redaction.names import Names

logger = logging.getLogger("weavelite")

FAILED = "[redaction failed]"
NONE = "none"

Function = Callable[[Any], Any]
Wanted = str | Function | Iterable[str | Function]

_SHORT = 256
_NESTED = 8
"""Levels of JSON inside of text inside of JSON that are looked into."""
_OF_SCHEMAS = frozenset({"type", "title", "description", "format", "minLength", "maxLength"})
"""What schemas, such as those of tools, say of a parameter that has a secret's name."""
_FAILED_JSON = orjson.dumps(FAILED)


class Redactor:
    """Takes secrets out of JSON; what there is nothing to take out of is given back as it is.

    Args:
        kinds: names of `KINDS`, beside those that are always looked for.
        keys: names of keys whose values are secrets, beside the known ones.
        functions: each gets a value, as JSON has it, and returns what is kept of it.

    """

    def __init__(
        self,
        kinds: Iterable[str] = (),
        keys: Iterable[str] = (),
        functions: Iterable[Function] = (),
    ) -> None:
        self.kind_names = kinds = tuple(kinds)
        self.key_names = keys = tuple(keys)
        self._names = Names(keys)
        self._assigned = Assigned(keys)
        self._kinds = (*CERTAIN, *(KINDS[name] for name in kinds))
        self._functions = tuple(functions)
        self.has_functions = bool(self._functions)
        self._complained = False
        assigned = (self._assigned.equals_hint, self._assigned.colon_hint)
        self._may_name = _search(self._names.hint)
        looks = [kind.hint for kind in self._kinds]
        looks.append(self._names.other_hint)
        self._may_hold = _search("|".join(looks))
        self._may_speak = _search(self._assigned.word_hint)
        self._may_equal, self._may_say = map(_search, assigned)
        self._may_any = _search("|".join([*looks, self._names.hint, *assigned]))
        self._may_name_in_text = _search(self._names.hint_in_text)

    def __call__(self, text: bytes) -> bytes:
        """Takes the secrets out of a value that is JSON; raises nothing."""
        if self._functions:
            for function in self._functions:
                text = self._by(function, text)
        if len(text) < _SHORT:  # one search is quicker here, and more are on what is long
            if not self._may_any(text):
                return text
        elif not self._may_hold(text) and not (
            self._may_speak(text)
            and (self._may_name(text) or self._may_equal(text) or self._may_say(text))
        ):
            return text
        try:
            value = orjson.loads(text)
            found = self._walk(value, 0)
            return text if found == value else orjson.dumps(found)
        except Exception:
            return self._failed()

    def value(self, value: Any) -> Any:
        """Takes the secrets out of a value as JSON has it."""
        try:
            before = orjson.dumps(value)
        except (TypeError, ValueError, RecursionError):
            return FAILED
        after = self(before)
        return value if after == before else orjson.loads(after)

    def text(self, text: str) -> str:
        """Takes the secrets out of a text."""
        value = self.value(text)
        return value if isinstance(value, str) else FAILED

    def _by(self, function: Function, text: bytes) -> bytes:
        try:
            return orjson.dumps(function(orjson.loads(text)))
        except Exception:  # the user's function may do anything
            return self._failed()

    def _failed(self) -> bytes:
        if not self._complained:
            self._complained = True
            logger.warning(
                "weavelite: redaction failed: %r is kept in place of the value. The program goes "
                "on; see to the function that init(redact=...) got.",
                FAILED,
                exc_info=True,
            )
        return _FAILED_JSON

    def _walk(self, value: Any, nested: int) -> Any:
        match value:
            case str():
                return self._text(value, nested)
            case dict():
                return self._dict(value, nested)
            case list() if value and all(_is_pair(item) for item in value):
                return [[name, self._under(name, item, nested)] for name, item in value]
            case list():
                return [self._walk(item, nested) for item in value]
        return value

    def _dict(self, value: dict[str, Any], nested: int) -> dict[str, Any]:
        walked = {
            self._text(key, nested): self._under(key, item, nested) for key, item in value.items()
        }
        name = value.get("name", value.get("key"))
        if "value" in value and isinstance(name, str) and self._names.has(name):
            walked["value"] = _hidden(value["value"])  # {"name": "Authorization", "value": ...}
        return walked

    def _under(self, name: str, value: Any, nested: int) -> Any:
        if self._names.has(name) or is_secret_variable(name, value):
            return _hidden(value)
        if name == "properties" and isinstance(value, dict):
            return {key: self._property(key, item, nested) for key, item in value.items()}
        return self._walk(value, nested)

    def _property(self, name: str, value: Any, nested: int) -> Any:
        """Redacts the schema of a parameter: what it may be is no secret, what it is by default is.

        Without this, a tool with a parameter `password` could not be read in the record.
        """
        if not (isinstance(value, dict) and isinstance(value.get("type"), str)):
            return self._under(name, value, nested)
        if not self._names.has(name):
            return self._walk(value, nested)
        return {
            word: self._walk(item, nested) if word in _OF_SCHEMAS else _hidden(item)
            for word, item in value.items()
        }

    def _text(self, text: str, nested: int) -> str:
        if self._may_name_in_text(text):
            text = self._inner(text, nested)
        if self._may_equal(text) or self._may_say(text):
            text = self._assigned.hidden_in(text, REDACTED)
        for kind in self._kinds:
            text = kind.hidden_in(text)
        return text

    def _inner(self, text: str, nested: int) -> str:
        """Redacts a text that is JSON itself, as arguments of tools are, or looks like it."""
        if nested < _NESTED and text[:1] in "{[":
            try:
                value = orjson.loads(text)
            except orjson.JSONDecodeError:
                pass
            else:
                found = self._walk(value, nested + 1)
                return text if found == value else orjson.dumps(found).decode()
        return self._names.hidden_in(text, REDACTED)


def make_redactor(wanted: Wanted = (), keys: Iterable[str] = ()) -> Redactor | None:
    """Makes the redactor that the settings ask for; None when nothing is to be redacted.

    Args:
        wanted: `none`; or names of `KINDS`, functions, or both.
        keys: names of keys whose values are secrets, beside the known ones.

    """
    if isinstance(wanted, str):
        wanted = [name.strip() for name in wanted.split(",") if name.strip()]
    parts = [wanted] if callable(wanted) else list(wanted)
    kinds = [part for part in parts if isinstance(part, str)]
    if parts == [NONE]:
        return None
    for kind in kinds:
        if kind not in KINDS:
            raise SettingError(
                f"redact={kind!r}: expected none, {', '.join(KINDS)}, or a function."
            )
    return Redactor(kinds, keys, [part for part in parts if not isinstance(part, str)])


def _hidden(value: Any) -> Any:
    """Hides a secret; nothing, and yes and no, are none."""
    return value if value is True or not value else REDACTED


def _is_pair(item: Any) -> bool:
    return isinstance(item, list) and len(item) == 2 and isinstance(item[0], str)


def _search(regex: str) -> Callable[[str | bytes], bool]:
    """Makes a search of text, as UTF-8 too, that takes linear time whatever it is given."""
    schema = core_schema.str_schema(pattern=regex, regex_engine="rust-regex")
    return SchemaValidator(schema).isinstance_python
