"""What the small OpenAI server answers besides text: images, sound, transcripts, moderations."""

import base64
import struct
import zlib
from email.message import Message
from email.parser import BytesParser
from typing import Any

IMAGE_USAGE = {
    "input_tokens": 12,
    "output_tokens": 272,
    "total_tokens": 284,
    "input_tokens_details": {"image_tokens": 0, "text_tokens": 12},
    "output_tokens_details": {"image_tokens": 272, "text_tokens": 0},
}
HEARD_USAGE = {
    "type": "tokens",
    "input_tokens": 14,
    "output_tokens": 6,
    "total_tokens": 20,
    "input_token_details": {"audio_tokens": 14, "text_tokens": 0},
}
HEARD = "It rains in Paris today."
SPOKEN = b"ID3\x04" + bytes(range(256)) * 64


def png(red: int, size: int = 96) -> bytes:
    """Makes a picture that does not compress, so that its base64 is long."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    noise = bytes((red * 7 + at * at * 31) % 251 for at in range(size * size * 3))
    rows = b"".join(b"\0" + noise[at * size * 3 : (at + 1) * size * 3] for at in range(size))
    head = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    parts = chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(rows, 0)), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


PICTURE, DRAFT = png(1), png(2)


def form(kind: str, data: bytes) -> dict[str, Any]:
    """Reads a form as the SDK sends files: the fields, and of files the bytes."""
    whole: Message = BytesParser().parsebytes(
        b"content-type: " + kind.encode() + b"\r\n\r\n" + data
    )
    fields: dict[str, Any] = {}
    for part in whole.get_payload():  # type: ignore[union-attr]
        assert isinstance(part, Message)
        name = part.get_param("name", header="content-disposition")
        value: Any = part.get_payload(decode=True)
        fields[str(name)] = value if part.get_filename() else value.decode()
    return {**fields, "stream": fields.get("stream") == "true"}


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def images(asked: dict[str, Any]) -> dict[str, Any]:
    data = [{"b64_json": _base64(PICTURE)}] * int(asked.get("n") or 1)
    return {"created": 1_764_000_000, "data": data, "output_format": "png", "usage": IMAGE_USAGE}


def image_events(asked: dict[str, Any], what: str) -> list[dict[str, Any]]:
    about = {"created_at": 1, "size": "96x96", "quality": "low", "background": "opaque",
             "output_format": "png"}  # fmt: skip
    draft = {"type": f"{what}.partial_image", "b64_json": _base64(DRAFT), "partial_image_index": 0}
    done = {"type": f"{what}.completed", "b64_json": _base64(PICTURE), "usage": IMAGE_USAGE}
    return [{**draft, **about}, {**done, **about}]


def transcript(asked: dict[str, Any]) -> dict[str, Any]:
    return {"text": HEARD, "usage": HEARD_USAGE}


def transcript_events(asked: dict[str, Any]) -> list[dict[str, Any]]:
    events = [{"type": "transcript.text.delta", "delta": f"{word} "} for word in HEARD.split(" ")]
    return [*events, {"type": "transcript.text.done", "text": HEARD, "usage": HEARD_USAGE}]


def moderation(asked: dict[str, Any]) -> dict[str, Any]:
    result = {
        "flagged": True,
        "categories": {"violence": True},
        "category_scores": {"violence": 0.9},
        "category_applied_input_types": {"violence": ["text"]},
    }
    return {"id": "modr-1", "model": "omni-moderation", "results": [result]}
