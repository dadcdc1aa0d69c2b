"""Asks a language model at any OpenAI-compatible endpoint for an answer of a given form."""

import asyncio
import inspect
import json
import os
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Self, TypeVar
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from pydantic import ConfigDict, PrivateAttr, field_validator, model_validator

from weavelite.errors import EvaluationError, JudgeError, MissingExtraError
from weavelite.eval.scorer import Scorer
from weavelite.scorers.answers import read_answer
from weavelite.scorers.manners import Manners, manners_of

T = TypeVar("T")
Messages = list[dict[str, Any]]

KEY_NAME = "OPENAI_API_KEY"
_HOSTED = "api.openai.com"
_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Form(Generic[T]):
    """Is the form of an answer: a JSON schema, and what makes a value of the JSON.

    `read` raises ValueError, in words that help a model to do better.
    """

    name: str
    schema: Mapping[str, Any]
    read: Callable[[Any], T]


class EndpointScorer(Scorer):
    """Is the base of scorers that ask a language model.

    The key is read from the environment when it is needed; it is in no field, and in no version.

    Args:
        base_url: of an OpenAI-compatible endpoint; by default OPENAI_BASE_URL, else OpenAI's.
        api_key_name: names the variable of the environment that holds the key.
        temperature: by default each scorer's own; left out where an endpoint refuses it.
        max_tokens: of an answer.

    """

    model_config = ConfigDict(protected_namespaces=(), hide_input_in_errors=True)

    base_url: str | None = None
    api_key_name: str = KEY_NAME
    temperature: float | None = None
    max_tokens: int | None = None
    _client: Any = PrivateAttr(default=None)

    @model_validator(mode="before")
    @classmethod
    def _takes_no_key(cls, data: Any) -> Any:
        if isinstance(data, dict) and {"api_key", "client"} & set(data):
            raise ValueError(
                f"keys and clients are no fields of {cls.__name__}, which is stored: set the "
                f"variable {KEY_NAME}, name another by api_key_name, or give a client of the "
                "openai SDK to .using(client)"
            )
        return data

    @field_validator("base_url")
    @classmethod
    def _holds_no_secret(cls, value: str | None) -> str | None:
        if value is not None:
            address = urlsplit(value)
            if address.username or address.password or address.query:
                raise ValueError(
                    "base_url is kept with the scorer, so no key may be in it: "
                    f"set the variable {KEY_NAME}, or name another by api_key_name"
                )
        return value

    def using(self, client: Any) -> Self:
        """Makes a scorer like this one ask by a client of the openai SDK, sync or async.

        The client is no part of the version: it may have timeouts, retries, a proxy, or be Azure's.
        """
        made = self.model_copy()
        made._client = client
        return made

    def _columns(self, names: Sequence[str], row: Mapping[str, Any]) -> dict[str, Any]:
        """Picks what is seen of a row, by the names that it has for the scorer."""
        columns = {name: (self.column_map or {}).get(name, name) for name in names}
        missing = [column for column in columns.values() if column not in row]
        if missing:
            raise EvaluationError(
                f"{self.name or type(self).__name__} wants to see the column "
                f"{', '.join(map(repr, missing))}, and the row has "
                f"{', '.join(map(repr, row)) or 'no other columns'}."
            )
        return {name: row[column] for name, column in columns.items()}

    async def _ask(
        self, model: str, messages: Messages, form: Form[T], temperature: float | None = None
    ) -> T:
        """Asks for an answer of a form; one that cannot be read is asked for once more."""
        text = await self._complete(model, messages, form, temperature)
        try:
            return read_answer(text, form.read)
        except ValueError as error:
            again = [*messages, {"role": "assistant", "content": text or "(nothing)"}]
            again.append({"role": "user", "content": _reminder(form, error)})
        text = await self._complete(model, again, form, temperature)
        try:
            return read_answer(text, form.read)
        except ValueError as error:
            shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
            raise JudgeError(
                f"{model} was asked twice, and its answer cannot be read: {error}. "
                f"It said: {shown!r}"
            ) from None

    async def _complete(
        self, model: str, messages: Messages, form: Form[Any], temperature: float | None
    ) -> str:
        """Returns what the model says, in the best form that the endpoint takes."""
        client = await self._client_here()
        address = str(client.base_url)
        name = self._name_at(client, model)
        manners = manners_of(address, name)
        wanted = self.temperature if self.temperature is not None else temperature
        while True:
            options = manners.options(form.name, form.schema, wanted, self.max_tokens)
            try:
                completion = await called(
                    client.chat.completions.create, model=name, messages=messages, **options
                )
            except Exception as error:
                poorer = _refused(error, manners, options)
                if poorer is None:
                    raise
                manners = poorer
            else:
                manners.remember(address, name)
                return _said(completion, model)

    def _name_at(self, client: Any, model: str) -> str:
        """Is the model as the endpoint calls it: Weave's names begin with the provider."""
        return model.removeprefix("openai/") if _HOSTED in str(client.base_url) else model

    async def _client_here(self) -> Any:
        if self._client is not None:
            return self._client
        key = os.environ.get(self.api_key_name) or None
        if key is None and self.api_key_name == KEY_NAME and self.base_url is not None:
            key = "not-needed"  # as servers of one's own have it; others say that it is wrong
        if key is None and self.api_key_name != KEY_NAME:
            raise JudgeError(f"{type(self).__name__} needs the variable {self.api_key_name}.")
        return await client_of_loop(self.base_url, key)


def _reminder(form: Form[Any], error: ValueError) -> str:
    return (
        f"This answer cannot be read: {error}. Answer again, with one JSON object and nothing "
        f"else, which fits this schema: {json.dumps(form.schema)}"
    )


def _refused(error: Exception, manners: Manners, options: Mapping[str, Any]) -> Manners | None:
    """Returns what to try next when an endpoint refuses how it was asked; None for other errors."""
    status = getattr(error, "status_code", None)
    return manners.without(str(error), options) if status in (400, 415, 422, 501) else None


async def called(method: Callable[..., Any], **kwargs: Any) -> Any:
    """Calls a method of a client, on a thread where it is sync."""
    if _is_async(method):
        return await method(**kwargs)
    answer = await asyncio.to_thread(method, **kwargs)
    return await answer if inspect.isawaitable(answer) else answer


def _is_async(method: Any) -> bool:
    owner = getattr(method, "__self__", None)
    return inspect.iscoroutinefunction(method) or type(owner).__name__.startswith("Async")


def _said(completion: Any, model: str) -> str:
    choices = getattr(completion, "choices", None)
    if not choices:
        raise JudgeError(f"{model} answered without a choice: is this an OpenAI-compatible server?")
    message = choices[0].message
    if getattr(message, "refusal", None):
        raise JudgeError(f"{model} refused to judge: {message.refusal}")
    text = message.content or ""
    if choices[0].finish_reason == "length" and not text.rstrip().endswith("}"):
        raise JudgeError(f"{model} was cut off in the middle of its answer: raise max_tokens.")
    return str(text)


_Kept = tuple[AsyncGenerator[None, None], Any]
_CLIENTS: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[tuple[str | None, str | None], _Kept]]
_CLIENTS = WeakKeyDictionary()


async def client_of_loop(base_url: str | None, key: str | None) -> Any:
    """Returns the client of this event loop, whose connections cannot be used from another.

    A client is closed when `asyncio.run` ends its loop: it hangs on a generator, and loops close
    theirs.
    """
    clients = _CLIENTS.setdefault(asyncio.get_running_loop(), {})
    kept = clients.get((base_url, key))
    if kept is None:
        try:
            from openai import AsyncOpenAI
        except ImportError:
            raise MissingExtraError("A scorer that asks a language model", "openai") from None
        client = AsyncOpenAI(base_url=base_url, api_key=key)
        keeper = _open(client)
        kept = clients[base_url, key] = keeper, client
        await anext(keeper)
    return kept[1]


async def _open(client: Any) -> AsyncGenerator[None, None]:
    async with client:
        yield
