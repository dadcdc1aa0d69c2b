"""SDKs that are generated alike (openai, anthropic): their methods become calls.

Methods of the SDK's resources are wrapped by name, so clients that exist already are traced, and
one that a version of the SDK lacks is passed over. Nothing else of the SDK is imported: what it
builds on (httpx, httpx2) changes between its versions.
"""

import functools
import importlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from weavelite import instrument
from weavelite.instrument import Reading, Result, Sum
from weavelite_integrations import _media
from weavelite_integrations._streams import after, attach, before, dumped

RAW_HEADER = "X-Stainless-Raw-Response"
READ = ("true", "raw")
"""Are values of that header by which the SDK reads the response at once."""
# They are about the transport, and headers hold secrets.
NOT_ASKED = {"extra_headers", "extra_query", "timeout", "idempotency_key"}
SENTINELS = {"NotGiven", "Omit"}
UPLOADED = {"file", "image", "mask"}


def as_it_is(told: dict[str, Any]) -> Result:
    """Gives a response, and the usage and model that it tells of."""
    return told, told.get("usage"), told.get("model")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Is a method of an SDK that makes a request.

    Args:
        name: the name of its calls.
        kind: the kind of its calls.
        total: makes what adds up its stream; it is told whether more is sent than was asked.
        told: reads output, usage and model of a response.

    """

    name: str
    kind: str
    total: Callable[[bool], Sum] | None = None
    told: Callable[[dict[str, Any]], Result] = as_it_is


@dataclass(slots=True)
class Request:
    """Is a request on its way."""

    call: instrument.Call
    endpoint: Endpoint
    kwargs: dict[str, Any]
    asks_more: bool
    raw: str | None
    started: float

    def reading(self) -> Reading | None:
        """Makes what reads the stream of the response; None when there will be no stream."""
        if not self.kwargs.get("stream") or self.endpoint.total is None:
            return None
        return Reading(self.call, self.endpoint.total(self.asks_more), self.started)


@dataclass(frozen=True, slots=True)
class Sdk:
    """Says what is particular about an SDK.

    Args:
        methods: module, class, method and what it is, of the plain classes.
        about: says who is asked by a client.
        sent: makes what is sent of what was asked; often the same.

    """

    methods: Sequence[tuple[str, str, str, Endpoint]]
    about: Callable[[Any], dict[str, Any]]
    sent: Callable[[Endpoint, Any, dict[str, Any]], dict[str, Any]]

    def patch(self) -> None:
        """Traces every client of the SDK; may be called any number of times."""
        for owner, method, endpoint in self.known(""):
            instrument.wrap(owner, method, functools.partial(self._traced, endpoint))
        # By the table and not by inspection: a coroutine method does not always look like one.
        for owner, method, endpoint in self.known("Async"):
            instrument.wrap(owner, method, functools.partial(self._traced_async, endpoint))

    def unpatch(self) -> None:
        """Puts the SDK's own methods back."""
        for owner, method, _ in [*self.known(""), *self.known("Async")]:
            instrument.unwrap(owner, method)

    def known(self, prefix: str) -> list[tuple[Any, str, Endpoint]]:
        """Finds the methods that this version of the SDK has."""
        found = []
        for module, owner, method, endpoint in self.methods:
            try:
                known = importlib.import_module(module)
            except ImportError:
                continue
            cls = getattr(known, prefix + owner, None)
            if cls is not None and method in vars(cls):
                found.append((cls, method, endpoint))
        return found

    def _traced(self, endpoint: Endpoint, original: Callable[..., Any]) -> Callable[..., Any]:
        def request(resource: Any, *args: Any, **kwargs: Any) -> Any:
            begun = self.begin(endpoint, resource, kwargs)
            if begun is None:
                return original(resource, *args, **kwargs)
            try:
                result = original(resource, *args, **begun.kwargs)
            except BaseException as error:
                self.fail(begun, error)
                raise
            self.receive(begun, result)
            return result

        return request

    def _traced_async(self, endpoint: Endpoint, original: Callable[..., Any]) -> Callable[..., Any]:
        async def request(resource: Any, *args: Any, **kwargs: Any) -> Any:
            begun = self.begin(endpoint, resource, kwargs)
            if begun is None:
                return await original(resource, *args, **kwargs)
            try:
                result = await original(resource, *args, **begun.kwargs)
            except BaseException as error:
                self.fail(begun, error)
                raise
            self.receive(begun, result)
            return result

        return request

    @instrument.quiet
    def begin(self, endpoint: Endpoint, resource: Any, kwargs: dict[str, Any]) -> Request | None:
        """Starts the call of a request; None when it is not to be recorded."""
        if instrument.is_recorded_above():
            return None
        client = getattr(resource, "_client", None)
        call = instrument.start(
            endpoint.name,
            asked(kwargs),
            kind=endpoint.kind,
            attributes=self.about(client),
            model=kwargs["model"] if isinstance(kwargs.get("model"), str) else None,
        )
        if call is None:
            return None
        sent = self.sent(endpoint, client, kwargs)
        raw = (kwargs.get("extra_headers") or {}).get(RAW_HEADER)
        return Request(call, endpoint, sent, sent is not kwargs, raw, time.perf_counter())

    @instrument.quiet
    def fail(self, request: Request, error: BaseException) -> None:
        """Ends the call of a request that failed."""
        # A completion that could not be parsed (too long, say) was made and paid for.
        _end(request, dumped(getattr(error, "completion", None)), error)

    @instrument.quiet
    def receive(self, request: Request, result: Any) -> None:
        """Ends the call of a request with its result, or when that has been read."""
        reading = request.reading()
        if request.raw is not None:
            _receive_raw(request, result, reading)
        elif reading is not None and not isinstance(result, str):
            attach(result, reading)
        elif hasattr(result, "model_dump") or not hasattr(result, "response"):
            _end(request, dumped(result))
        else:
            _end(request, _media.body(result.response, result.response.content))


def _receive_raw(request: Request, result: Any, reading: Reading | None) -> None:
    """Takes a raw response, of which nothing may be read that the user has not read."""
    if reading is not None:
        # One that nobody parses is let go, and the reading ends the call.
        asynchronous = request.raw == "stream" and type(result).__name__.startswith("Async")
        after(result, "parse", asynchronous, lambda stream: _attach_once(stream, reading))
    elif request.raw in READ:
        _end_raw(request, result, result.http_response.content)
    else:
        along = _media.Along(result.http_response)
        before(result, "close", lambda: _end_raw(request, result, along.read()))


def _end_raw(request: Request, result: Any, data: bytes | None) -> None:
    try:
        told = None if data is None else _media.body(result.http_response, data)
    except Exception:  # not what it says it is: that is the user's to meet
        told = None
    _end(request, told)


@instrument.quiet
def _end(request: Request, told: Any, error: BaseException | None = None) -> None:
    reads = isinstance(told, dict)
    output, usage, model = request.endpoint.told(told) if reads else (told, None, None)
    instrument.end(request.call, output, error=error, usage=usage, model=model)


def _attach_once(stream: Any, reading: Reading) -> None:
    if not reading.attached:
        reading.attached = True
        attach(stream, reading)


def asked(kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """Gives what a request asks, as JSON has it, without what is about the transport."""
    return {
        name: _media.uploaded(value) if name in UPLOADED else plain(value)
        for name, value in kwargs.items()
        if name not in NOT_ASKED
        and type(value).__name__ not in SENTINELS
        and not (name == "extra_body" and value is None)  # filled in by the SDK's own helpers
    }


def plain(value: Any) -> Any:
    """Makes JSON of what an SDK takes; iterators stay as they are, for the SDK to read."""
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, type):  # response_format=SomeModel
        schema = getattr(value, "model_json_schema", None)
        return {"name": value.__name__, "schema": schema()} if schema else value.__name__
    return dumped(value)


def host_of(client: Any) -> tuple[str | None, str | None]:
    """Says which host a client asks, and the host with its port."""
    url = getattr(client, "base_url", None)
    host, port = getattr(url, "host", None), getattr(url, "port", None)
    return host, f"{host}:{port}" if port else host
