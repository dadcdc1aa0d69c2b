"""Pillow: images without loss, as PNG, and as TIFF in the modes that PNG does not have."""

import io
import warnings
from collections.abc import Callable
from typing import Any

from PIL import Image

from weavelite.serialize import NOT_MINE, Loader, Pending, Stored

NAME = "PIL.Image.Image"

_PNG_MODES = frozenset({"1", "L", "LA", "I;16", "P", "RGB", "RGBA"})
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
        buffer = io.BytesIO()
        image.save(buffer, kind, **(_QUICKLY if kind == "png" else {}))
        return buffer.getvalue()

    return write


def _load(stored: Stored) -> Image.Image:
    (name,) = stored.files
    kinds = ["PNG", "TIFF", "JPEG", "WEBP"]  # Weave keeps the last two as they are
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        image = Image.open(io.BytesIO(stored.read(name)), formats=kinds)
        image.load()
    return image


LOADERS: dict[str, Loader] = {NAME: _load}
