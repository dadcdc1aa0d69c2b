"""wave: an open WAV file, as the bytes of a WAV file."""

import io
import wave
from typing import Any

from weavelite.serialize import NOT_MINE, Loader, Stored

NAME = "wave.Wave_read"


def save(value: Any) -> Any:
    """Writes all frames of an open WAV file, and leaves it where it was read to."""
    if not isinstance(value, wave.Wave_read):
        return NOT_MINE
    place = value.tell()
    buffer = io.BytesIO()
    try:
        value.rewind()
        with wave.open(buffer, "wb") as copy:
            copy.setparams(value.getparams())
            copy.writeframes(value.readframes(value.getnframes()))
    finally:
        value.setpos(place)
    data = buffer.getvalue()
    return Stored(NAME, {"mimetype": "audio/wav", "size": len(data)}, {"audio.wav": data})


def _load(stored: Stored) -> wave.Wave_read:
    return wave.open(io.BytesIO(stored.read("audio.wav")), "rb")


LOADERS: dict[str, Loader] = {NAME: _load}
