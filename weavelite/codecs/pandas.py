"""pandas: frames, series and indexes by their columns: numbers as arrays, anything else as JSON.

Neither pickle nor a further library is needed, and the types of columns come back.
"""

import io
import math
from collections.abc import Callable
from typing import Any

import numpy
import orjson
import pandas

from weavelite.serialize import NOT_MINE, Loader, Pending, Stored, encode_exactly, restore

FRAME, SERIES, INDEX = "pandas.DataFrame", "pandas.Series", "pandas.Index"
STAMP, DELTA = "pandas.Timestamp", "pandas.Timedelta"
HEAD = 20
"""Rows that are shown of a frame."""

_PLAIN_KINDS = "biufc"


def save(value: Any) -> Any:
    """Writes what pandas has: frames, series, indexes, times, and its marks of what is missing."""
    match value:
        case pandas.DataFrame():
            return _stored(FRAME, value)
        case pandas.Series():
            return _named(_stored(SERIES, value.to_frame()), value)
        case pandas.Index():
            return _named(_stored(INDEX, value.to_frame(index=False)), value)
        case pandas.Timestamp():
            return Stored(STAMP, value.isoformat())
        case pandas.Timedelta():
            return Stored(DELTA, value.isoformat())
        case pandas.Period() | pandas.Interval():
            return str(value)
    return None if value is pandas.NaT or value is pandas.NA else NOT_MINE


def _stored(name: str, frame: Any) -> Stored:
    head = frame.head(HEAD)
    val = {
        "columns": [str(label) for label in frame.columns],
        "dtypes": [str(dtype) for dtype in frame.dtypes],
        "rows": len(frame),
        "head": [[_shown(cell) for cell in row] for row in head.itertuples(index=False, name=None)],
    }
    if not isinstance(frame.index, pandas.RangeIndex):
        val["index"] = [str(label) for label in head.index]
    size = int(frame.memory_usage().sum())
    return Stored(name, val, {"frame.npz": Pending(size, _writer(frame))})


def _named(stored: Stored, value: Any) -> Stored:
    """Notes that there is a name, for a column of a frame always has one."""
    if value.name is not None:
        stored.val["named"] = True
    return stored


def _shown(cell: Any) -> Any:
    missing = cell is pandas.NaT or cell is pandas.NA
    return None if missing or (isinstance(cell, float) and not math.isfinite(cell)) else cell


def _writer(frame: Any) -> Callable[[], bytes]:
    def write() -> bytes:
        arrays: dict[str, Any] = {}
        form = {
            "labels": _axis(frame.columns, arrays, "labels"),
            "index": _axis(frame.index, arrays, "index"),
            "columns": [
                _column(frame.iloc[:, place], arrays, f"column{place}")
                for place in range(frame.shape[1])
            ],
        }
        arrays["form"] = numpy.frombuffer(encode_exactly(form), "u1")
        buffer = io.BytesIO()
        numpy.savez(buffer, allow_pickle=False, **arrays)
        return buffer.getvalue()

    return write


def _axis(index: Any, arrays: dict[str, Any], name: str) -> Any:
    names = list(index.names)
    if isinstance(index, pandas.RangeIndex):
        return {"names": names, "range": [index.start, index.stop, index.step]}
    levels = [index.get_level_values(level) for level in range(index.nlevels)]
    columns = [
        _column(pandas.Series(level), arrays, f"{name}{place}")
        for place, level in enumerate(levels)
    ]
    return {"names": names, "levels": columns, "multi": isinstance(index, pandas.MultiIndex)}


def _column(column: Any, arrays: dict[str, Any], name: str) -> Any:
    """Writes a column into `arrays`, or as JSON; says how."""
    dtype = column.dtype
    if isinstance(dtype, pandas.DatetimeTZDtype):
        arrays[name] = column.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy()
        return {"array": name, "tz": str(dtype.tz)}
    if isinstance(dtype, pandas.CategoricalDtype):
        arrays[name] = column.cat.codes.to_numpy()
        categories = _column(pandas.Series(dtype.categories), arrays, f"{name}_categories")
        return {"array": name, "categories": categories, "ordered": dtype.ordered}
    if isinstance(dtype, numpy.dtype) and dtype.kind in _PLAIN_KINDS + "mM":
        arrays[name] = column.to_numpy()
        return {"array": name}
    values = column.astype(object)
    return {"dtype": str(dtype), "values": values.where(values.notna(), None).tolist()}


def _frame(stored: Stored) -> Any:
    with numpy.load(io.BytesIO(stored.read("frame.npz")), allow_pickle=False) as arrays:
        form = restore(orjson.loads(arrays["form"].tobytes()))
        columns = [_read_column(how, arrays) for how in form["columns"]]
        index = _read_axis(form["index"], arrays)
        labels = _read_axis(form["labels"], arrays)
    frame = pandas.DataFrame(dict(enumerate(columns)))
    frame.columns, frame.index = labels, index
    return frame


def _read_axis(form: dict[str, Any], arrays: Any) -> Any:
    names = [tuple(name) if isinstance(name, list) else name for name in form["names"]]
    if "range" in form:
        start, stop, step = form["range"]
        return pandas.RangeIndex(start, stop, step, name=names[0])
    levels = [_read_column(how, arrays) for how in form["levels"]]
    if form["multi"]:
        return pandas.MultiIndex.from_arrays(levels, names=names)
    return pandas.Index(levels[0], name=names[0])


def _read_column(how: dict[str, Any], arrays: Any) -> Any:
    if "values" in how:
        return pandas.Series(how["values"], dtype=how["dtype"])
    array = arrays[how["array"]]
    if "tz" in how:
        return pandas.Series(array).dt.tz_localize("UTC").dt.tz_convert(how["tz"])
    if "categories" in how:
        categories = pandas.Index(_read_column(how["categories"], arrays))
        made = pandas.Categorical.from_codes(array, categories, ordered=how["ordered"])
        return pandas.Series(made)
    return pandas.Series(array)


def _index(stored: Stored) -> Any:
    frame = _frame(stored)
    if frame.shape[1] > 1:
        return pandas.MultiIndex.from_frame(frame)
    return pandas.Index(frame.iloc[:, 0]).rename(_name(stored, frame.columns[0]))


def _series(stored: Stored) -> Any:
    series = _frame(stored).iloc[:, 0]
    return series.rename(_name(stored, series.name))


def _name(stored: Stored, label: Any) -> Any:
    return label if stored.val.get("named") else None


LOADERS: dict[str, Loader] = {
    FRAME: _frame,
    SERIES: _series,
    INDEX: _index,
    STAMP: lambda stored: pandas.Timestamp(stored.val),
    DELTA: lambda stored: pandas.Timedelta(stored.val),
}
