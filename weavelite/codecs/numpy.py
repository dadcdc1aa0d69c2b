"""NumPy: arrays as .npy files, which hold no code; numbers as Python's numbers."""

import io
from collections.abc import Callable
from typing import Any

import numpy

from weavelite.serialize import NOT_MINE, Loader, Pending, Stored, stable_repr

NAME = "numpy.ndarray"
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
    array = numpy.asarray(value)
    val: dict[str, Any] = {"dtype": str(array.dtype), "shape": list(array.shape)}
    if array.dtype.hasobject:  # only pickle could write them all, and reading pickle runs code
        if array.size > OBJECTS:
            return Stored(NAME, val)
        return array.tolist()
    if array.dtype.names is None and array.dtype.kind in "biufUS":
        val["head"] = array.flat[:HEAD].tolist() if array.dtype.kind != "S" else None
    return Stored(NAME, val, {"array.npy": Pending(array.nbytes, _writer(array))})


def _writer(array: Any) -> Callable[[], bytes]:
    def write() -> bytes:
        buffer = io.BytesIO()
        numpy.save(buffer, array, allow_pickle=False)
        return buffer.getvalue()

    return write


def _scalar(value: Any) -> Any:
    plain = value.item()
    return stable_repr(value) if isinstance(plain, numpy.generic) else plain


def _load(stored: Stored) -> Any:
    return numpy.load(io.BytesIO(stored.read("array.npy")), allow_pickle=False)


LOADERS: dict[str, Loader] = {NAME: _load}
