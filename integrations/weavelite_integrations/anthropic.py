"""The anthropic SDK: each message becomes a call, with tools, thinking, answer and usage."""

import functools
from collections.abc import Awaitable, Callable
from typing import Any

from weavelite import instrument
from weavelite_integrations._anthropic_sum import MessageSum
from weavelite_integrations._stainless import Endpoint, Request, Sdk, host_of
from weavelite_integrations._streams import attach

HOST = "api.anthropic.com"
MESSAGES, BETA = "anthropic.resources.messages", "anthropic.resources.beta.messages"
CREATE = Endpoint("anthropic.messages.create", "llm", lambda _: MessageSum())
PARSE = Endpoint("anthropic.messages.parse", "llm")
STREAM = Endpoint("anthropic.messages.stream", "llm")
METHODS: list[tuple[str, str, str, Endpoint]] = [
    (module, "Messages", method, endpoint)
    for module in (MESSAGES, BETA)
    for method, endpoint in (("create", CREATE), ("parse", PARSE))
]
STREAMS = [(module, "Messages", "stream", STREAM) for module in (MESSAGES, BETA)]


def patch() -> None:
    """Traces every client of the anthropic SDK; may be called any number of times."""
    SDK.patch()
    for prefix in ("", "Async"):
        for owner, method, endpoint in HELPERS.known(prefix):
            instrument.wrap(owner, method, functools.partial(_managed, endpoint))


def unpatch() -> None:
    """Puts the SDK's own methods back."""
    SDK.unpatch()
    HELPERS.unpatch()


def _managed(endpoint: Endpoint, original: Callable[..., Any]) -> Callable[..., Any]:
    """Wraps `stream`, which asks when its block is entered: by a function or an awaitable."""

    def stream(resource: Any, *args: Any, **kwargs: Any) -> Any:
        manager = original(resource, *args, **kwargs)
        _defer(endpoint, resource, kwargs, manager)
        return manager

    return stream


@instrument.quiet
def _defer(endpoint: Endpoint, resource: Any, kwargs: dict[str, Any], manager: Any) -> None:
    """Puts the call around the request of a manager; one of another shape is left alone."""
    name = f"_{type(manager).__name__.lstrip('_')}__api_request"
    request = getattr(manager, name, None)
    begin = functools.partial(HELPERS.begin, endpoint, resource, kwargs)
    if callable(request):
        setattr(manager, name, functools.partial(_ask, begin, request))
    elif request is not None:
        setattr(manager, name, _ask_async(begin, request))


def _ask(begin: Callable[[], Request | None], request: Callable[[], Any]) -> Any:
    begun = begin()
    try:
        stream = request()
    except BaseException as error:
        if begun is not None:
            HELPERS.fail(begun, error)
        raise
    _read(begun, stream)
    return stream


async def _ask_async(begin: Callable[[], Request | None], request: Awaitable[Any]) -> Any:
    begun = begin()
    try:
        stream = await request
    except BaseException as error:
        if begun is not None:
            HELPERS.fail(begun, error)
        raise
    _read(begun, stream)
    return stream


@instrument.quiet
def _read(begun: Request | None, stream: Any) -> None:
    if begun is not None:
        attach(stream, instrument.Reading(begun.call, MessageSum(), begun.started))


def _about(client: Any) -> dict[str, Any]:
    host, server = host_of(client)
    name = type(client).__name__.removeprefix("Async")
    cloud = {"AnthropicBedrock": "aws.bedrock", "AnthropicVertex": "gcp.vertex_ai"}.get(name)
    provider = cloud or ("anthropic" if host in (None, HOST) else host)
    return {"provider": provider, "server": server}


def _as_asked(endpoint: Endpoint, client: Any, kwargs: dict[str, Any]) -> dict[str, Any]:
    return kwargs


SDK = Sdk(METHODS, about=_about, sent=_as_asked)
HELPERS = Sdk(STREAMS, about=_about, sent=_as_asked)
