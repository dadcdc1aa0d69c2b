"""Bodies of requests, read whole within a limit, and unpacked."""

import zlib

from fastapi import Request

LIMIT = 20 * 1024 * 1024  # after decompression, as the specification of OTLP recommends
_WINDOWS = {"gzip": 31, "x-gzip": 31, "deflate": 15}
"""Are zlib's names of the encodings that senders use."""


class TooLargeError(ValueError):
    """Says that a body is larger than is allowed."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"The request is larger than {limit} bytes.")


class EncodingError(ValueError):
    """Says that a body is not what its encoding says, or is of an encoding that nobody knows."""


async def read_body(request: Request, encoding: str, limit: int = LIMIT) -> bytes:
    """Reads a body; raises TooLargeError and EncodingError."""
    encoding = encoding.strip().lower()
    if encoding not in ("", "identity", *_WINDOWS):
        raise EncodingError(f"Content-Encoding {encoding!r} is not known here: use gzip.")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise TooLargeError(limit)
    return unpacked(bytes(body), encoding, limit) if encoding in _WINDOWS and body else bytes(body)


def unpacked(body: bytes, encoding: str, limit: int) -> bytes:
    """Unpacks at most a little more than is allowed; raises TooLargeError and EncodingError."""
    unpacker = zlib.decompressobj(wbits=_WINDOWS[encoding])
    try:
        found = unpacker.decompress(body, limit + 1)
    except zlib.error:
        raise EncodingError(f"The body is not valid {encoding}.") from None
    if len(found) > limit:
        raise TooLargeError(limit)
    if not unpacker.eof:
        raise EncodingError(f"The body is {encoding} that was cut short.")
    return found
