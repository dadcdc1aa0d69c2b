"""Prompts: texts and messages with `{placeholders}`, versioned as objects.

Placeholders are those of `str.format`. A template may come from a store, so it reaches no name that
begins with an underscore: `{x.__class__}` is refused.
"""

import copy
import json
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from string import Formatter
from typing import IO, Any, Self

from pydantic import Field, PrivateAttr

from weavelite.errors import PromptError
from weavelite.objects import Object

ROLES = ("system", "developer", "user", "assistant", "tool")
_PLACEHOLDER = re.compile(r"\{(\w+)(?:![rsa])?(?::[^}]+)?\}")

Message = dict[str, Any]


class Prompt(Object):
    """Is the base of prompts; `format` fills the placeholders in."""

    def format(self, **values: Any) -> Any:
        """Fills the placeholders in; raises PromptError when one has no value."""
        raise NotImplementedError(f"{type(self).__name__} has no format method")


class StringPrompt(Prompt):
    """Is a text with placeholders."""

    content: str = ""

    def __init__(self, content: str = "", **fields: Any) -> None:
        super().__init__(content=content, **fields)  # type: ignore[call-arg]

    def format(self, **values: Any) -> str:
        """Returns the text with the values in it; raises PromptError when one is missing."""
        return fill(self.content, values)


class MessagesPrompt(Prompt):
    """Is a list of messages with placeholders in their texts, those in lists of parts too."""

    messages: list[Message] = Field(default_factory=list)

    def __init__(self, messages: Iterable[Mapping[str, Any]] = (), **fields: Any) -> None:
        super().__init__(messages=[dict(message) for message in messages], **fields)  # type: ignore[call-arg]

    def format_message(self, message: Mapping[str, Any], **values: Any) -> Message:
        """Returns one message with the values in it; raises PromptError when one is missing."""
        return {key: _filled(value, values) for key, value in message.items()}

    def format(self, **values: Any) -> list[Message]:
        """Returns the messages with the values in them; raises PromptError when one is missing."""
        return [self.format_message(message, **values) for message in self.messages]


class EasyPrompt(Prompt):
    """Is a list of messages that is put together step by step, with values, settings and limits.

    ```python
    prompt = EasyPrompt("system: You add {unit}.").configure(model="gpt-4o")
    prompt.append("{a} + {b}")
    prompt.require("a", min=0).bind(unit="apples", a=1)
    messages = prompt(b=2)
    ```
    """

    data: list[Any] = Field(default_factory=list)
    config: dict[str, Any] = Field(default_factory=dict)
    requirements: dict[str, Any] = Field(default_factory=dict)
    _values: dict[str, Any] = PrivateAttr(default_factory=dict)

    def __init__(
        self,
        content: str | Mapping[str, Any] | Iterable[Any] | None = None,
        *,
        role: str | None = None,
        dedent: bool = False,
        **fields: Any,
    ) -> None:
        own = {name: fields.pop(name) for name in list(fields) if name in type(self).model_fields}
        if "messages" in fields:
            content = fields.pop("messages")
        own["config"] = {**own.get("config", {}), **fields}
        super().__init__(**own)
        if content is not None:
            for item in [content] if isinstance(content, str | Mapping) else content:
                self.append(item, role=role, dedent=dedent)

    # A list of messages

    def append(self, item: Any, role: str | None = None, dedent: bool = False) -> None:
        """Adds a text, a message or a list of them; `system: ...` says the role of a text."""
        match item:
            case str():
                self.data.append(_message(item, role, dedent))
            case Mapping():
                self.data.append(dict(item))
            case Iterable():
                for part in item:
                    self.append(part, role=role, dedent=dedent)
            case _:
                raise TypeError(f"A prompt is of texts and messages, not {type(item).__name__}.")

    def __iadd__(self, item: Any) -> Self:
        self.append(item)
        return self

    def __add__(self, item: Any) -> Self:
        made = self.copied()
        made.append(item)
        return made

    def __len__(self) -> int:
        return len(self.data)

    def __iter__(self) -> Iterator[Message]:  # type: ignore[override]
        return (self._message(message) for message in self.data)

    def __getitem__(self, key: int | slice | str) -> Any:
        """Gives a message with its values, a part of the prompt, or a setting by its name."""
        if isinstance(key, str):
            return self.config[key]
        if isinstance(key, slice):
            made = self.copied()
            made.data = made.data[key]
            return made
        return self._message(self.data[key])

    def __call__(self, *values: Mapping[str, Any], **named: Any) -> list[Message]:
        """Binds values, and returns the messages with all values in them."""
        return list(self.bind(*values, **named))

    def format(self, **values: Any) -> list[Message]:
        """Returns the messages with bound and given values; what has none stays a placeholder."""
        return list(self.copied().bind(**values))

    def copied(self) -> Self:
        """Returns a prompt of its own with the same messages, values, settings and limits."""
        made = type(self)(
            name=self.name,
            description=self.description,
            config=copy.deepcopy(self.config),
            requirements=copy.deepcopy(self.requirements),
        )
        made.data = copy.deepcopy(self.data)
        made._values = dict(self._values)
        return made

    @property
    def messages(self) -> list[Message]:
        """Are the messages as they were given, placeholders and all."""
        return self.data

    @property
    def as_str(self) -> str:
        """Is the text of all messages, joined by spaces."""
        return " ".join(str(message.get("content", "")) for message in self.data)

    @property
    def system_message(self) -> Message:
        """Is one system message of all texts."""
        return {"role": "system", "content": self.as_str}

    @property
    def system_prompt(self) -> "EasyPrompt":
        """Is a prompt of one system message of all texts."""
        return EasyPrompt(self.as_str, role="system")

    # Values

    @property
    def placeholders(self) -> list[str]:
        """Are the names of the placeholders, in the order in which they come."""
        return list(dict.fromkeys(name for message in self.data for name in _names(message)))

    @property
    def unbound_placeholders(self) -> list[str]:
        """Are the placeholders without a value."""
        return [name for name in self.placeholders if name not in self._values]

    @property
    def is_bound(self) -> bool:
        """Tells whether all placeholders have values."""
        return not self.unbound_placeholders

    def bind(self, *values: Mapping[str, Any], **named: Any) -> Self:
        """Gives placeholders values; raises ValueError for what `require` does not allow."""
        given = {key: value for some in values for key, value in some.items()} | named
        problems = self.validate_requirements(given)
        if problems:
            raise ValueError("\n".join(problems))
        self._values.update(given)
        return self

    def bind_rows(self, dataset: Any) -> list[Self]:
        """Makes a prompt of each row of a dataset, or of a list of dictionaries."""
        rows = getattr(dataset, "rows", dataset)
        return [self.copied().bind(row) for row in rows]

    def require(self, name: str, **limits: Any) -> Self:
        """Says what values a placeholder takes: any of `min`, `max`, `oneof`, `default`."""
        self.requirements[name] = limits
        return self

    def configure(self, config: Mapping[str, Any] | None = None, **settings: Any) -> Self:
        """Keeps settings of a model with the prompt; a `config` replaces those there are."""
        self.config = {**(self.config if config is None else config), **settings}
        return self

    def validate_requirement(self, name: str, value: Any) -> list[str]:
        """Says what is wrong with a value; an empty list when nothing is."""
        limits = self.requirements.get(name) or {}
        problems = []
        if limits.get("min") is not None and value < limits["min"]:
            problems.append(f"{name} ({value}) is less than min ({limits['min']})")
        if limits.get("max") is not None and value > limits["max"]:
            problems.append(f"{name} ({value}) is greater than max ({limits['max']})")
        if limits.get("oneof") is not None and value not in limits["oneof"]:
            allowed = ", ".join(map(str, limits["oneof"]))
            problems.append(f"{name} ({value}) must be one of {allowed}")
        return problems

    def validate_requirements(self, values: Mapping[str, Any]) -> list[str]:
        """Says what is wrong with values, those that have limits."""
        return [
            said
            for name, value in values.items()
            for said in self.validate_requirement(name, value)
        ]

    # As data

    def as_dict(self) -> dict[str, Any]:
        """Returns settings and messages, as a chat API takes them."""
        return {**self.config, "messages": list(self)}

    def as_pydantic_dict(self) -> dict[str, Any]:
        """Returns the fields, as they are stored."""
        return {**self.model_dump(), "ref": self.ref}

    def dump(self, file: IO[str]) -> None:
        """Writes the prompt as JSON."""
        json.dump(self.model_dump(), file)

    def dump_file(self, path: str | Path) -> None:
        """Writes the prompt to a file as JSON."""
        Path(path).write_text(json.dumps(self.model_dump()), encoding="utf-8")

    @classmethod
    def load(cls, file: IO[str]) -> Self:
        """Reads what `dump` wrote."""
        return cls._of(json.load(file))

    @classmethod
    def load_file(cls, path: str | Path) -> Self:
        """Reads what `dump_file` wrote."""
        return cls._of(json.loads(Path(path).read_text(encoding="utf-8")))

    @classmethod
    def _of(cls, fields: dict[str, Any]) -> Self:
        data = fields.pop("data", [])
        made = cls(**fields)
        made.data = data
        return made

    def _message(self, message: Message) -> Message:
        defaults = {
            name: limits["default"]
            for name, limits in self.requirements.items()
            if "default" in limits
        }
        known = {**defaults, **self._values}
        return {
            key: _filled(value, known, lenient=True) if key == "content" else value
            for key, value in message.items()
        }


def fill(template: str, values: Mapping[str, Any], *, lenient: bool = False) -> str:
    """Fills values into a template; raises PromptError for what is missing, unless lenient."""
    if lenient:
        return _PLACEHOLDER.sub(
            lambda found: fill(found[0], values) if found[1] in values else found[0], template
        )
    try:
        return _Careful().vformat(template, (), values)
    except PromptError:
        raise
    except KeyError as error:
        there = ", ".join(sorted(values)) or "none"
        raise PromptError(
            f"The prompt needs a value for {error.args[0]!r}; given: {there}."
        ) from None
    except (AttributeError, IndexError) as error:
        raise PromptError(f"The prompt reaches for what is not there: {error}.") from None
    except ValueError as error:
        raise PromptError(f"The prompt cannot be filled in: {error}. A brace is {{{{.") from None


class _Careful(Formatter):
    def get_value(self, key: int | str, args: Any, kwargs: Any) -> Any:
        """Finds a value by its name; there are none without."""
        if isinstance(key, int):
            raise KeyError("{}")
        return kwargs[key]

    def get_field(self, field_name: str, args: Any, kwargs: Any) -> Any:
        """Finds a value; names that begin with an underscore are nobody's business."""
        if re.search(r"[.\[]_", field_name):
            raise PromptError(f"The prompt reaches for {field_name!r}, which is not allowed.")
        return super().get_field(field_name, args, kwargs)


def _filled(value: Any, values: Mapping[str, Any], *, lenient: bool = False) -> Any:
    """Fills values into texts, those in dictionaries in lists too."""
    if isinstance(value, str):
        return fill(value, values, lenient=lenient)
    if isinstance(value, list):
        return [
            {key: _filled(part, values, lenient=lenient) for key, part in item.items()}
            if isinstance(item, Mapping)
            else item
            for item in value
        ]
    return value


def _names(message: Mapping[str, Any]) -> list[str]:
    content = message.get("content")
    if isinstance(content, list):
        return [name for part in content if isinstance(part, Mapping) for name in _in_part(part)]
    return _PLACEHOLDER.findall(content) if isinstance(content, str) else []


def _in_part(part: Mapping[str, Any]) -> list[str]:
    texts = [value for value in part.values() if isinstance(value, str)]
    return [name for text in texts for name in _PLACEHOLDER.findall(text)]


def _message(text: str, role: str | None, dedent: bool) -> Message:
    if role is None:
        role, text = "user", text
        for known in ROLES:
            if text.startswith(f"{known}:"):
                role, text = known, text[len(known) + 1 :].lstrip()
                break
    return {"role": role, "content": textwrap.dedent(text).strip() if dedent else text}
