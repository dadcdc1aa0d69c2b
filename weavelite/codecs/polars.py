"""Polars: frames and series in Arrow's own format."""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import polars
from polars.exceptions import PanicException

from weavelite.serialize import NOT_MINE, Loader, Pending, Stored

FRAME, SERIES = "polars.DataFrame", "polars.Series"
HEAD = 20
"""Rows that are shown of a frame."""


def save(value: Any) -> Any:
    """Writes a frame or a series; a lazy frame is not run, it is described by its columns."""
    match value:
        case polars.DataFrame():
            return _stored(FRAME, value)
        case polars.Series():
            return _stored(SERIES, value.to_frame())
        case polars.LazyFrame():
            return f"<{type(value).__module__}.LazyFrame object>"
    return NOT_MINE


def _stored(name: str, frame: Any) -> Stored:
    val = {
        "columns": frame.columns,
        "dtypes": [str(dtype) for dtype in frame.dtypes],
        "rows": frame.height,
        "head": [list(row) for row in frame.head(HEAD).rows()],
    }
    if polars.Object in frame.dtypes:  # Arrow cannot hold them
        return Stored(name, val)
    return Stored(name, val, {"frame.arrow": Pending(frame.estimated_size(), _writer(frame))})


def _writer(frame: Any) -> Callable[[], bytes]:
    def write() -> bytes:
        buffer = io.BytesIO()
        with _no_panic():
            frame.write_ipc(buffer)
        return buffer.getvalue()

    return write


def _frame(stored: Stored) -> Any:
    with _no_panic():
        return polars.read_ipc(io.BytesIO(stored.read("frame.arrow")))


@contextmanager
def _no_panic() -> Iterator[None]:
    """Makes an error of a panic in Rust, which is no Exception and would end the program."""
    try:
        yield
    except PanicException as error:
        raise ValueError(f"polars gave up: {error}") from error


LOADERS: dict[str, Loader] = {FRAME: _frame, SERIES: lambda stored: _frame(stored).to_series()}
