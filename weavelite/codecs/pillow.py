"""Pillow: images without loss, as PNG, and as TIFF in the modes that PNG does not have."""

import hashlib
import io
import warnings
from collections.abc import Callable
from typing import Any

from PIL import Image

from weavelite.serialize import NOT_MINE, Loader, Pending, Stored, stable_repr

NAME = "PIL.Image.Image"

_PNG_MODES = frozenset({"1", "L", "LA", "I;16", "P", "RGB", "RGBA"})
_RECENT: dict[tuple[Any, ...], bytes] = {}
"""Images as they were written: one that goes from op to op is written once."""
_MOST, _LARGEST = 8, 1024 * 1024

_QUICKLY = {"compress_level": 1}  # the caller waits


def save(value: Any) -> Any:
    """Writes an image as it is now; a lazily opened one is read for it."""
    if not isinstance(value, Image.Image):
        return NOT_MINE
    kind = "png" if value.mode in _PNG_MODES else "tiff"
    val = {
        "mimetype": f"image/{kind}",
        "width": value.width,
        "height": value.height,
        "mode": value.mode,
    }
    size = value.width * value.height * len(value.getbands())
    return Stored(NAME, val, {f"image.{kind}": Pending(size, _writer(value, kind))})


def _writer(image: Image.Image, kind: str) -> Callable[[], bytes]:
    def write() -> bytes:
        key = _key(image)
        known = _RECENT.get(key)
        if known is None:
            buffer = io.BytesIO()
            image.save(buffer, kind, **(_QUICKLY if kind == "png" else {}))
            known = buffer.getvalue()
            if len(known) <= _LARGEST:
                _RECENT[key] = known
                for old in list(_RECENT)[:-_MOST]:
                    _RECENT.pop(old, None)
        return known

    return write


def _key(image: Image.Image) -> tuple[Any, ...]:
    """Tells images apart by all that is written of them; far quicker than to write them."""
    pixels = hashlib.sha256(image.tobytes()).digest()
    palette = image.getpalette() if image.mode in ("P", "PA") else None
    return image.mode, image.size, pixels, bytes(palette or b""), stable_repr(image.info)


def _load(stored: Stored) -> Image.Image:
    (name,) = stored.files
    kinds = ["PNG", "TIFF", "JPEG", "WEBP"]  # Weave keeps the last two as they are
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        image = Image.open(io.BytesIO(stored.read(name)), formats=kinds)
        image.load()
    return image


LOADERS: dict[str, Loader] = {NAME: _load}
