"""Images, arrays and frames come back as what they were when they were recorded."""

import io
import subprocess
import sys

import numpy as np
import pandas as pd
import polars as pl
import pytest
from PIL import Image

import weavelite
from weavelite.codecs import find_loader
from weavelite.serialize import Pending, Stored, decode, encode


def picture(mode="RGB", size=(7, 5)):
    data = np.random.default_rng(1).integers(0, 255, (size[1], size[0], 3), np.uint8)
    image = Image.fromarray(data)
    return image.convert("L").convert(mode) if mode in ("I;16", "F", "1") else image.convert(mode)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "F", "I", "I;16"])
def test_images_come_back(given_back, mode):
    """An image has every pixel, its size and its mode, whatever its mode."""
    image = picture(mode)
    found = given_back(image)
    assert (found.mode, found.size) == (image.mode, image.size)
    assert found.tobytes() == image.tobytes()


def test_an_image_is_snapshotted(given_back):
    """What is painted over later is not in the record."""
    image = picture()
    before = image.tobytes()

    @weavelite.op
    def paint(image):
        image.paste((0, 0, 0), (0, 0, *image.size))

    _, call = paint.call(image)
    assert call.inputs["image"].tobytes() == before != image.tobytes()


def test_an_image_that_is_changed_and_changed_back(given_back):
    """Images are told apart by every pixel, by their palette and by what is noted of them."""
    image = picture("P")
    first = given_back(image)
    image.putpalette(bytes(range(256)) * 3)
    second = given_back(image)
    image.info["transparency"] = 3
    third = given_back(image)
    assert first.getpalette() != second.getpalette() == image.getpalette()
    assert ("transparency" in second.info, "transparency" in third.info) == (False, True)


def test_a_lazily_opened_image_comes_back(given_back, tmp_path):
    """An image that is only opened is read when it is recorded."""
    path = tmp_path / "a.jpg"
    picture(size=(40, 40)).save(path)
    found = given_back(Image.open(path))
    assert found.tobytes() == Image.open(path).tobytes()


ARRAYS = [
    np.arange(5),
    np.arange(24, dtype="f4").reshape(2, 3, 4),
    np.array([np.nan, np.inf, 1.0]),
    np.array(3.5),
    np.zeros((0, 4), "i8"),
    np.array([True, False]),
    np.array([1 + 2j]),
    np.array(["a", "bcd"]),
    np.array([b"a", b"bcd"]),
    np.array(["2026-01-01", "NaT"], "M8[s]"),
    np.array([(1, 2.0)], [("x", "i4"), ("y", "f8")]),
    np.asfortranarray(np.arange(1000.0).reshape(10, 100)),
    np.arange(100)[::3],
]


@pytest.mark.parametrize("array", ARRAYS, ids=lambda array: f"{array.dtype}{array.shape}")
def test_arrays_come_back(given_back, array):
    """An array has its values, its shape and its type."""
    found = given_back(array)
    assert (found.dtype, found.shape) == (array.dtype, array.shape)
    np.testing.assert_array_equal(found, array)


def test_an_array_is_snapshotted(client):
    """What is written into an array later is not in the record."""

    @weavelite.op
    def fill(array):
        array[:] = 9
        return array

    array = np.zeros(3)
    _, call = fill.call(array)
    array[:] = 5
    assert (call.inputs["array"].tolist(), call.output.tolist()) == ([0, 0, 0], [9, 9, 9])


def test_numbers_are_plain(given_back):
    """A number of NumPy is a number."""
    given = [np.float64(0.5), np.float32(0.5), np.int64(3), np.bool_(True), np.str_("a")]
    assert given_back(given) == [0.5, 0.5, 3, True, "a"]


def test_objects_in_arrays_are_a_list(given_back):
    """An array of Python objects is a list of them: only pickle could write it, and is not used."""
    assert given_back(np.array([1, "a", None, {"b": 2}], object)) == [1, "a", None, {"b": 2}]


def test_a_masked_array_keeps_its_mask(given_back):
    """What is masked stays so, the data below it is kept, and so is what fills it."""
    value = np.ma.masked_array([[1, 2], [3, 4]], [[False, True], [False, False]], fill_value=7)
    found = given_back(value)
    assert type(found) is np.ma.MaskedArray
    assert found.tolist() == [[1, None], [3, 4]] and found.data.tolist() == [[1, 2], [3, 4]]
    assert found.fill_value == 7


def test_subclasses_of_arrays_are_arrays(given_back):
    """Of a subclass of the user's the values are there."""
    assert given_back(np.array([[1, 2]]).view(type("Own", (np.ndarray,), {}))).tolist() == [[1, 2]]


FRAME = pd.DataFrame(
    {
        "number": [1, 2, 3],
        "fraction": [0.5, np.nan, np.inf],
        "text": ["a", None, "ü"],
        "when": pd.to_datetime(["2026-01-01", None, "2026-01-03"]),
        "zoned": pd.to_datetime(["2026-01-01"] * 3).tz_localize("Europe/Berlin"),
        "kind": pd.Categorical(["x", "y", "x"], ["y", "x", "z"], ordered=True),
        "whole": pd.array([1, None, 3], "Int64"),
        "mixed": [1, "a", {"b": [2]}],
        "span": pd.to_timedelta([1, 2, 3], "h"),
        "yes": [True, False, True],
    }
)
FRAMES = {
    "columns of every type": FRAME,
    "named index": FRAME.set_index("text"),
    "times as index": FRAME.set_index("zoned"),
    "index of two levels": FRAME[["number", "kind", "fraction"]].set_index(["number", "kind"]),
    "columns of two levels": pd.DataFrame(
        np.eye(2), columns=pd.MultiIndex.from_product([["a"], [1, 2]])
    ),
    "columns of one name": pd.DataFrame([[1, 2]], columns=["a", "a"]),
    "numbered columns": pd.DataFrame([[1, 2]], columns=[3, 1]),
    "no rows": FRAME.iloc[:0],
    "nothing": pd.DataFrame(),
    "a step": FRAME.iloc[::2],
}


@pytest.mark.parametrize("name", FRAMES)
def test_pandas_frames_come_back(given_back, name):
    """A frame has its values, its types, its index and its labels."""
    pd.testing.assert_frame_equal(given_back(FRAMES[name]), FRAMES[name], check_freq=False)


@pytest.mark.parametrize("column", FRAME.columns)
@pytest.mark.parametrize("name", [None, 0, "x"])
def test_pandas_series_come_back(given_back, column, name):
    """A series has its values, its type and its name, or none."""
    series = FRAME[column].rename(name)
    pd.testing.assert_series_equal(given_back(series), series)


def test_pandas_values_come_back(given_back):
    """Times, spans, indexes and marks of what is missing are read as what they were."""
    stamp = pd.Timestamp("2026-01-01 10:00:00.123456789", tz="UTC")
    span = pd.Timedelta("1 days 02:03:04.000005")
    index = pd.Index(["a", "b"], name="n")
    found = given_back([stamp, span, index, pd.NaT, pd.NA])
    assert (found[:2], found[3:]) == ([stamp, span], [None, None])
    pd.testing.assert_index_equal(found[2], index)


def test_a_frame_is_snapshotted(client):
    """What is written into a frame later is not in the record."""

    @weavelite.op
    def clear(frame):
        frame["a"] = 0

    frame = pd.DataFrame({"a": [1, 2]})
    _, call = clear.call(frame)
    assert call.inputs["frame"]["a"].tolist() == [1, 2]


POLARS = pl.DataFrame(
    {"a": [1, None, 3], "b": ["x", None, "z"], "c": [[1], [], None], "d": [{"e": 1}] * 3}
)


def test_polars_frames_come_back(given_back):
    """A frame and a series have their values and their types; a lazy frame is not run."""
    assert given_back(POLARS).equals(POLARS)
    assert given_back(POLARS).schema == POLARS.schema
    assert given_back(POLARS["c"]).equals(POLARS["c"], check_names=True)
    assert given_back(POLARS.lazy()) == "<polars.lazyframe.frame.LazyFrame object>"


@pytest.mark.parametrize("value", [FRAME, POLARS], ids=["pandas", "polars"])
def test_the_head_of_a_frame_can_be_read_as_json(stored, value):
    """What is shown of a frame needs no library: names, types, the number of rows, the first."""
    val = stored(value)["val"]
    assert val["columns"] == list(value.columns)
    assert val["rows"] == len(val["head"]) == 3
    assert len(val["dtypes"]) == len(val["columns"])


def test_arrays_above_the_limit_are_not_copied():
    """An array above the limit is described; its bytes are not even written."""
    value = encode(np.zeros(1_000_000), limit=1000, keep=lambda data: 1 / 0)
    found = decode(value)
    assert (found.val["shape"], found.files) == ([1_000_000], {})


HOSTILE = b"\x93NUMPY\x01\x00v\x00{'descr': '|O', 'fortran_order': False, 'shape': (1,), }"


@pytest.mark.parametrize("name", ["numpy.ndarray", "pandas.DataFrame", "polars.DataFrame"])
@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", HOSTILE, b"\x89PNG\r\n\x1a\n"])
def test_damaged_content_is_left_as_stored(name, data):
    """Content that is not what its type says comes back as it is stored; pickle is never read."""
    file = {"numpy.ndarray": "array.npy", "pandas.DataFrame": "frame.npz"}.get(name, "frame.arrow")
    found = decode(encode(Stored(name, {}, {file: data})))
    assert (type(found), found.read(file)) == (Stored, data)


def test_an_object_array_in_a_file_is_not_unpickled():
    """A .npy file that holds a pickle is not read, whoever wrote it."""
    buffer = io.BytesIO()
    np.save(buffer, np.array([print], object), allow_pickle=True)
    found = decode(encode(Stored("numpy.ndarray", {}, {"array.npy": buffer.getvalue()})))
    assert type(found) is Stored


def test_without_the_library_the_data_is_reachable():
    """In a program that has not the library, what is stored can still be looked at."""
    text = encode(np.arange(3))
    code = f"""
import sys
sys.modules["numpy"] = None
import weavelite
from weavelite.serialize import decode
found = decode({text!r})
print(found, found.val["head"], found.read("array.npy")[:6])
"""
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    expected = "<stored numpy.ndarray with array.npy> [0, 1, 2] b'\\x93NUMPY'"
    assert answer.stdout.strip() == expected, answer.stderr


def test_recording_loads_no_library():
    """A program without arrays does not load their libraries by being traced."""
    code = """
import sys, datetime, weavelite
from weavelite.serialize import encode
encode([b"x" * 5000, datetime.datetime.now(), object(), {1, 2}, weavelite.Markdown("a")])
print([name for name in ("numpy", "pandas", "polars", "PIL", "rich") if name in sys.modules])
"""
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert answer.stdout.strip() == "[]", answer.stderr


def test_a_bomb_is_not_unpacked():
    """An image that would unpack to more than Pillow allows is left as it is stored."""
    buffer = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(buffer, "PNG")
    stored = Stored("PIL.Image.Image", {}, {"image.png": Pending(0, buffer.getvalue)})
    assert type(decode(encode(stored))) is Stored
    assert find_loader("PIL.Image.Image") is not None


def test_an_index_without_a_name_comes_back_without_one(given_back):
    """No name is made up for an index, whose column in a frame has to have one."""
    assert given_back(pd.Index([1, 2])).name is None
