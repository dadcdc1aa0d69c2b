"""What a failed step means: a fault of the program, or of what lies between it and a provider.

An infrastructure error says nothing about the model: it is tried again, and never counts as one of
its errors. Libraries have no common base for them, so they are known by their HTTP status, by their
type, or by the name of their type.
"""

import socket
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
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
        "ClientConnectionError",
        "ConnectTimeoutError",
        "EndpointConnectionError",
        "InternalServerError",
        "NetworkError",
        "OverloadedError",
        "RateLimitError",
        "ReadTimeoutError",
        "RemoteProtocolError",
        "ServiceUnavailableError",
        "TransportError",
        "URLError",
    }
)
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
        status = _status(link)
        if status is not None and (status in _BUSY | _PASSING | _REFUSED):
            out_of_money = "insufficient_quota" in str(getattr(link, "code", ""))
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
        error = error.__cause__


def _is_network(error: BaseException) -> bool:
    names = (base.__name__ for base in type(error).__mro__)
    return isinstance(error, _TYPES) or any(name in _NAMES for name in names)


def _status(error: BaseException) -> int | None:
    response = _part(error, "response")
    places = [_part(error, name) for name in ("status_code", "http_status", "status", "code")]
    if isinstance(response, Mapping):  # of botocore
        places.append((response.get("ResponseMetadata") or {}).get("HTTPStatusCode"))
    else:
        places.append(_part(response, "status_code"))
    return next((n for n in places if type(n) is int and 100 <= n < 600), None)


def _part(value: Any, name: str) -> Any:
    try:
        return getattr(value, name, None)
    except Exception:  # httpx raises where a request was never made
        return None


def _retry_after(error: BaseException) -> float | None:
    headers = _part(_part(error, "response"), "headers") or _part(error, "headers")
    if not isinstance(headers, Mapping):
        return None
    told = {str(key).lower(): str(value) for key, value in headers.items()}
    if "retry-after-ms" in told:
        seconds = _number(told["retry-after-ms"])
        return None if seconds is None else seconds / 1000
    text = told.get("retry-after", "")
    seconds = _number(text)
    if seconds is None and text:
        import email.utils  # 20 ms, for a date

        at = email.utils.parsedate_tz(text)
        seconds = email.utils.mktime_tz(at) - time.time() if at is not None else None
    return None if seconds is None else max(0.0, seconds)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _provider(error: BaseException) -> str:
    """Names whom a request was for: a host, else the library."""
    for part in (_part(error, "request"), _part(error, "response")):
        host = urlsplit(str(_part(part, "url") or "")).netloc
        if host:
            return host
    return type(error).__module__.partition(".")[0]
