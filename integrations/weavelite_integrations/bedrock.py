"""Amazon Bedrock by boto3: Converse and InvokeModel become calls, whole and streamed."""

import sys
from collections.abc import Callable
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
    owner = _owner()
    if owner is not None:
        instrument.wrap(owner, "_make_api_call", _traced)


def unpatch() -> None:
    """Puts botocore's own method back."""
    owner = _owner()
    if owner is not None:
        instrument.unwrap(owner, "_make_api_call")


def _owner() -> Any:
    return getattr(sys.modules.get("botocore.client"), "BaseClient", None)


def _traced(original: Callable[..., Any]) -> Callable[..., Any]:
    def request(client: Any, operation: str, params: dict[str, Any]) -> Any:
        call = _begin(client, operation, params) if operation in NAMES else None
        if call is None:
            return original(client, operation, params)
        try:
            with instrument.suppress():
                answer = original(client, operation, params)
        except BaseException as error:
            instrument.end(call, error=error)
            raise
        _receive(call, operation, answer)
        return answer

    return request


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
        _read_body(answer["body"], instrument.Reading(call, BodySum()))
    else:
        stream, total = ("stream", ConverseSum()) if "stream" in answer else ("body", ChunkSum())
        answer[stream] = instrument.read_along(answer[stream], instrument.Reading(call, total))


def _read_body(stream: Any, reading: instrument.Reading) -> None:
    """Reads along what the program reads of a body, which can be read only once."""

    def take(data: bytes) -> None:
        reading.take(data)
        if reading.total.complete() or not data:
            reading.finish()

    after(stream, "read", False, take)
    before(stream, "close", reading.finish)


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
