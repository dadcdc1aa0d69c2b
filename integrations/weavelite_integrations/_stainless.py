"""SDKs that are generated alike (openai, anthropic): their methods become calls.

Methods of the SDK's resources are wrapped by name, so clients that exist already are traced, and
one that a version of the SDK lacks is passed over. Nothing else of the SDK is imported: what it
builds on (httpx, httpx2) changes between its versions.
"""

import functools
import importlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from weavelite import instrument
from weavelite_integrations._nesting import recorded_above
from weavelite_integrations._streams import Reading, Result, Sum, after, attach, before, dumped

RAW_HEADER = "X-Stainless-Raw-Response"
READ = ("true", "raw")
"""Are values of that header by which the SDK reads the response at once."""
# They are about the transport, and headers hold secrets.
NOT_ASKED = {"extra_headers", "extra_query", "timeout", "idempotency_key"}
SENTINELS = {"NotGiven", "Omit"}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Is a method of an SDK that makes a request."""

    name: str
    kind: str


@dataclass(slots=True)
class Request:
    """Is a request on its way."""

    call: instrument.Call
    kwargs: dict[str, Any]
    total: Sum
    raw: str | None
    started: float


@dataclass(frozen=True, slots=True)
class Sdk:
    """Says what is particular about an SDK.

    Args:
        methods: module, class, method and what it is, of the plain classes.
        told: reads output, usage and model of a response.
        about: says who is asked by a client.
        sent: makes what is sent of what was asked; often the same.
        total: makes what adds up a stream; it is told whether more is sent than was asked.

    """

    methods: Sequence[tuple[str, str, str, Endpoint]]
    told: Callable[[dict[str, Any]], Result]
    about: Callable[[Any], dict[str, Any]]
    sent: Callable[[Endpoint, Any, dict[str, Any]], dict[str, Any]]
    total: Callable[[Endpoint, bool], Sum]

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
        if recorded_above():
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
        total = self.total(endpoint, sent is not kwargs)
        raw = (kwargs.get("extra_headers") or {}).get(RAW_HEADER)
        return Request(call, sent, total, raw, time.perf_counter())

    @instrument.quiet
    def fail(self, request: Request, error: BaseException) -> None:
        """Ends the call of a request that failed."""
        # A completion that could not be parsed (too long, say) was made and paid for.
        made = dumped(getattr(error, "completion", None))
        output, usage, model = self.told(made) if isinstance(made, dict) else (None, None, None)
        instrument.end(request.call, output, error=error, usage=usage, model=model)

    @instrument.quiet
    def receive(self, request: Request, result: Any) -> None:
        """Ends the call of a request with its result, or when that has been read."""
        if request.raw is not None:
            self._receive_raw(request, result)
        elif request.kwargs.get("stream"):
            attach(result, Reading(request.call, request.total, request.started))
        else:
            self._end(request, dumped(result))

    def _receive_raw(self, request: Request, result: Any) -> None:
        """Takes a raw response, of which nothing may be read that the user has not read."""
        if request.kwargs.get("stream"):
            # One that nobody parses is let go, and the reading ends the call.
            reading = Reading(request.call, request.total, request.started)
            asynchronous = request.raw == "stream" and type(result).__name__.startswith("Async")
            after(result, "parse", asynchronous, lambda stream: _attach_once(stream, reading))
        elif request.raw in READ:
            self._end_raw(request, result)
        else:
            before(result, "close", lambda: self._end_raw(request, result))

    def _end_raw(self, request: Request, result: Any) -> None:
        try:
            told = json.loads(result.http_response.content)
        except Exception:  # not read, or not JSON: that is the user's to meet
            told = None
        self._end(request, told)

    def _end(self, request: Request, told: Any) -> None:
        output, usage, model = self.told(told) if isinstance(told, dict) else (told, None, None)
        instrument.end(request.call, output, usage=usage, model=model)


def _attach_once(stream: Any, reading: Reading) -> None:
    if not reading.attached:
        reading.attached = True
        attach(stream, reading)


def asked(kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """Gives what a request asks, as JSON has it, without what is about the transport."""
    return {
        name: plain(value)
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
