"""Amazon Bedrock by boto3, or awaited by aiobotocore: Converse and InvokeModel become calls."""

import functools
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from weavelite import Content, instrument
from weavelite_integrations._bedrock_sums import BodySum, ChunkSum, ConverseSum, body
from weavelite_integrations._streams import after, before

SERVICE = "bedrock-runtime"
NAMES = {
    "Converse": "converse",
    "ConverseStream": "converse_stream",
    "InvokeModel": "invoke_model",
    "InvokeModelWithResponseStream": "invoke_model_with_response_stream",
}


def patch() -> None:
    """Traces every client of Bedrock; may be called any number of times."""
    for owner, make in _owners():
        instrument.wrap(owner, "_make_api_call", make)


def unpatch() -> None:
    """Puts botocore's own methods back."""
    for owner, _ in _owners():
        instrument.unwrap(owner, "_make_api_call")


def _owners() -> Iterator[tuple[Any, Callable[..., Any]]]:
    for module, name, make in (
        ("botocore.client", "BaseClient", _traced),
        ("aiobotocore.client", "AioBaseClient", _traced_async),
    ):
        owner = getattr(sys.modules.get(module), name, None)
        if owner is not None:
            yield owner, make


def _traced(original: Callable[..., Any]) -> Callable[..., Any]:
    def request(client: Any, operation: str, params: dict[str, Any]) -> Any:
        call = _begin(client, operation, params) if operation in NAMES else None
        if call is None:
            return original(client, operation, params)
        with _asking(call):
            answer = original(client, operation, params)
        _receive(call, operation, answer)
        return answer

    return request


def _traced_async(original: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    async def request(client: Any, operation: str, params: dict[str, Any]) -> Any:
        call = _begin(client, operation, params) if operation in NAMES else None
        if call is None:
            return await original(client, operation, params)
        with _asking(call):
            answer = await original(client, operation, params)
        _receive(call, operation, answer)
        return answer

    return request


@contextmanager
def _asking(call: instrument.Call) -> Iterator[None]:
    try:
        with instrument.suppress():
            yield
    except BaseException as error:
        instrument.end(call, error=error)
        raise


@instrument.quiet
def _begin(client: Any, operation: str, params: dict[str, Any]) -> instrument.Call | None:
    if client.meta.service_model.service_name != SERVICE or instrument.is_recorded_above():
        return None
    asked = {name: plain(value) for name, value in params.items() if name != "body"}
    if "body" in params:
        asked["body"] = body(params["body"])
    about = {"provider": "aws.bedrock", "region": client.meta.region_name}
    model = params.get("modelId")
    return instrument.start(
        f"bedrock.{NAMES[operation]}", asked, kind="llm", attributes=about, model=model
    )


@instrument.quiet
def _receive(call: instrument.Call, operation: str, answer: dict[str, Any]) -> None:
    """Ends the call with the answer, or when its stream or body has been read."""
    if operation == "Converse":
        told = plain({name: value for name, value in answer.items() if name != "ResponseMetadata"})
        instrument.end(call, told, usage=answer.get("usage"))
    elif operation == "InvokeModel":
        answer["body"] = _read_body(answer["body"], instrument.Reading(call, BodySum()))
    else:
        stream, total = ("stream", ConverseSum()) if "stream" in answer else ("body", ChunkSum())
        answer[stream] = instrument.read_along(answer[stream], instrument.Reading(call, total))


def _read_body(stream: Any, reading: instrument.Reading) -> Any:
    """Reads along what the program reads of a body, which can be read only once."""

    def take(data: bytes) -> None:
        reading.take(data)
        if reading.total.complete() or not data:
            reading.finish()

    proxied = getattr(stream, "__wrapped__", None)
    if proxied is not None:  # aiobotocore 2, whose body looks like the response around it
        after(proxied, "read", True, take)
        cls: Any = type(stream)
        made = _taking(cls)(proxied, stream._self_content_length)
        made._self_take = take
        return made
    after(stream, "read", hasattr(stream, "__aiter__"), take)
    before(stream, "close", reading.finish)
    return stream


@functools.cache
def _taking(cls: Any) -> Any:
    async def read(self: Any, *args: Any, **kwargs: Any) -> bytes:
        data: bytes = await cls.read(self, *args, **kwargs)
        self._self_take(data)
        return data

    return type(cls.__name__, (cls,), {"read": read, "__module__": cls.__module__})


def plain(value: Any) -> Any:
    """Makes JSON of what botocore takes and gives, with images and documents as content."""
    if isinstance(value, dict):
        kind = value.get("format")
        return {
            name: _with_kind(item, kind) if name == "source" and kind else plain(item)
            for name, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return Content(bytes(value)) if isinstance(value, bytes | bytearray) else value


def _with_kind(source: Any, kind: Any) -> Any:
    data = source.get("bytes") if isinstance(source, dict) else None
    if not isinstance(data, bytes | bytearray):
        return plain(source)
    return {**source, "bytes": Content(bytes(data), extension=str(kind))}
