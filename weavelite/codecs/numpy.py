"""NumPy: arrays as .npy files, which hold no code; numbers as Python's numbers."""

import io
from collections.abc import Callable
from typing import Any

import numpy

from weavelite.serialize import NOT_MINE, Loader, Pending, Stored, stable_repr

NAME = "numpy.ndarray"
MASKED = "numpy.ma.MaskedArray"
HEAD = 12
"""Values that are shown of an array."""
OBJECTS = 10_000
"""Objects up to which an array of them is written as a list."""


def save(value: Any) -> Any:
    """Writes an array by its bytes, and a number as one of Python."""
    if isinstance(value, numpy.ndarray):
        return _array(value)
    if isinstance(value, numpy.generic):
        return _scalar(value)
    if isinstance(value, numpy.dtype):
        return str(value)
    return NOT_MINE


def _array(value: Any) -> Any:
    masked = isinstance(value, numpy.ma.MaskedArray)
    array = numpy.asarray(value)
    val: dict[str, Any] = {"dtype": str(array.dtype), "shape": list(array.shape)}
    if array.dtype.hasobject:  # only pickle could write them all, and reading pickle runs code
        if array.size > OBJECTS:
            return Stored(NAME, val)
        return array.tolist()
    if array.dtype.names is None and array.dtype.kind in "biufUS":
        val["head"] = array.flat[:HEAD].tolist() if array.dtype.kind != "S" else None
    files = {"array.npy": Pending(array.nbytes, _writer(array))}
    if not masked:
        return Stored(NAME, val, files)
    mask = numpy.ma.getmaskarray(value)
    if "head" in val:
        val["head"] = value.flatten()[:HEAD].tolist()
    fill = numpy.asarray(value.fill_value)
    files["mask.npy"] = Pending(mask.nbytes, _writer(mask))
    files["fill.npy"] = Pending(fill.nbytes, _writer(fill))
    return Stored(MASKED, val, files)


def _writer(array: Any) -> Callable[[], bytes]:
    def write() -> bytes:
        buffer = io.BytesIO()
        numpy.save(buffer, array, allow_pickle=False)
        return buffer.getvalue()

    return write


def _scalar(value: Any) -> Any:
    plain = value.item()
    return stable_repr(value) if isinstance(plain, numpy.generic) else plain


def _load(stored: Stored, file: str = "array.npy") -> Any:
    return numpy.load(io.BytesIO(stored.read(file)), allow_pickle=False)


def _load_masked(stored: Stored) -> Any:
    array, mask, fill = (_load(stored, f"{part}.npy") for part in ("array", "mask", "fill"))
    return numpy.ma.MaskedArray(array, mask, fill_value=fill[()])


LOADERS: dict[str, Loader] = {NAME: _load, MASKED: _load_masked}
