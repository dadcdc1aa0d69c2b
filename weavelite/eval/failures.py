"""What a failed step means: a fault of the program, or of what lies between it and a provider.

An infrastructure error says nothing about the model: it is tried again, and never counts as one of
its errors. Libraries have no common base for them, so they are known by their HTTP status, by their
type, or by the name of their type.
"""

import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, repeat
from typing import Any
from urllib.parse import urlsplit

_ERROR_LINE = 200
_BUSY = frozenset({429, 503, 529})
_PASSING = frozenset({408, 409, 425, 500, 502, 504, *range(520, 528)})
_REFUSED = frozenset({401, 402, 403, 407})
_TYPES = (ConnectionError, TimeoutError, socket.gaierror)
_NAMES = frozenset(
    {
        "APIConnectionError",
        "APITimeoutError",
        "ChunkedEncodingError",
        "ClientConnectionError",
        "ClientPayloadError",
        "ConnectTimeoutError",
        "ConnectionClosedError",
        "ConnectionError",
        "EndpointConnectionError",
        "IncompleteRead",
        "InternalServerError",
        "NetworkError",
        "OverloadedError",
        "RateLimitError",
        "ReadTimeoutError",
        "RemoteProtocolError",
        "ServiceUnavailableError",
        "Timeout",
        "TransportError",
        "URLError",
    }
)
_WRONG_ADDRESSES = frozenset({"UnsupportedProtocol"})
_OF_GRPC = {
    "ABORTED": 409,
    "DEADLINE_EXCEEDED": 504,
    "INTERNAL": 500,
    "PERMISSION_DENIED": 403,
    "RESOURCE_EXHAUSTED": 429,
    "UNAUTHENTICATED": 401,
    "UNAVAILABLE": 503,
}
_DEPTH = 5


@dataclass(frozen=True, slots=True)
class Failure:
    """Says in one line what a step raised, and whether the infrastructure is to blame."""

    text: str
    is_infrastructure: bool = False
    is_passing: bool = False
    """Tells that the same step may work a little later."""
    is_busy: bool = False
    """Tells that a provider asks for fewer requests."""
    retry_after: float | None = None
    """Is how many seconds the provider asks to wait."""
    provider: str | None = None


def failure_of(error: BaseException) -> Failure:
    """Reads an error, and what it was raised from."""
    text = described(error)
    for link in _chain(error):
        if isinstance(link, BaseExceptionGroup):
            return replace(_failure_of_all(link.exceptions), text=text)
        status = _status(link)
        if status is not None and (status in _BUSY | _PASSING | _REFUSED):
            out_of_money = "insufficient_quota" in str(vars(link).get("code"))
            return Failure(
                text,
                is_infrastructure=True,
                is_passing=status not in _REFUSED and not out_of_money,
                is_busy=status in _BUSY and not out_of_money,
                retry_after=_retry_after(link),
                provider=_provider(link),
            )
        if status is None and _is_network(link):
            return Failure(text, is_infrastructure=True, is_passing=True, provider=_provider(link))
    return Failure(text)


def _failure_of_all(errors: Sequence[BaseException]) -> Failure:
    """Blames the infrastructure only when nothing else went wrong."""
    failures = [failure_of(error) for error in errors]
    return next((one for one in failures if not one.is_infrastructure), failures[0])


def described(error: BaseException) -> str:
    """Describes an error in one line, as its call does."""
    name = type(error).__name__
    try:
        first = str(error).strip().partition("\n")[0]
    except Exception:  # the user's __str__ may do anything
        return name
    return f"{name}: {first}"[:_ERROR_LINE] if first else name


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    for _ in range(_DEPTH):
        if error is None:
            return
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _is_network(error: BaseException) -> bool:
    names = _names(error)
    return isinstance(error, _TYPES) or bool(names & _NAMES and not names & _WRONG_ADDRESSES)


def _names(error: BaseException) -> set[str]:
    return {base.__name__ for base in type(error).__mro__}


def _status(error: BaseException) -> int | None:
    if isinstance(error, SystemExit):  # its code is that of the program
        return None
    places = map(_part, repeat(error), ("status_code", "http_status", "status", "code"))
    for place in chain(places, [_in_response(_part(error, "response"))]):
        if callable(place) and "RpcError" in _names(error):
            return _grpc_status(place)
        if isinstance(place, int) and not isinstance(place, bool) and 100 <= place < 600:
            return int(place)
    return None


def _in_response(response: Any) -> Any:
    if not isinstance(response, Mapping):
        return _part(response, "status_code")
    told = response.get("ResponseMetadata")  # of botocore
    return told.get("HTTPStatusCode") if isinstance(told, Mapping) else None


def _grpc_status(code: Any) -> int | None:
    try:
        return _OF_GRPC.get(code().name)
    except Exception:  # it is called so, and is something else
        return None


def _part(value: Any, name: str) -> Any:
    try:
        return getattr(value, name, None)
    except Exception:  # httpx raises where a request was never made
        return None


def _retry_after(error: BaseException) -> float | None:
    headers = _part(_part(error, "response"), "headers") or _part(error, "headers")
    told = _told(headers)
    if "retry-after-ms" in told:
        seconds = _number(told["retry-after-ms"])
        return None if seconds is None else seconds / 1000
    text = told.get("retry-after", "")
    seconds = _number(text)
    if seconds is None and text:
        import email.utils  # 20 ms, for a date

        try:
            seconds = email.utils.parsedate_to_datetime(text).timestamp() - time.time()
        except (ValueError, OverflowError):
            return None
    return None if seconds is None else max(0.0, seconds)


def _told(headers: Any) -> dict[str, str]:
    try:
        return {str(key).lower(): str(value) for key, value in headers.items()}
    except Exception:  # there are none, or they are something else
        return {}


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _provider(error: BaseException) -> str:
    """Names whom a request was for: a host, else the library."""
    parts = [_part(error, name) for name in ("request", "response", "request_info")]
    for part in (*parts, error):
        try:
            host = urlsplit(str(_part(part, "url") or "")).netloc
        except ValueError:  # no address
            continue
        if host:
            return host
    return type(error).__module__.partition(".")[0]
