"""Content that is damaged or made up is read as far as it can be, and never breaks the reader."""

import base64
import random

import numpy as np
import orjson
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from weavelite.ids import digest
from weavelite.serialize import decode, encode

SAMPLES = {
    "array": np.arange(60.0).reshape(3, 20),
    "image": Image.frombytes("RGB", (20, 20), random.Random(1).randbytes(1200)),
    "frame": pd.DataFrame({"a": [1, 2], "b": ["x", None], "c": pd.Categorical(["u", "v"])}),
    "polars": pl.DataFrame({"a": [1, None], "b": ["x", "y"], "c": [[1], []]}),
}
KEPT = {}


def keep(data):
    KEPT[digest(data)] = data
    return digest(data)


TEXTS = {name: encode([value] * 2, None, keep) for name, value in SAMPLES.items()}


@pytest.mark.parametrize("name", SAMPLES)
@settings(max_examples=150)
@given(data=st.data())
@pytest.mark.filterwarnings("ignore")
def test_flipped_bytes_raise_nothing(name, data):
    """With any bytes of a file changed, cut off or added, a value or its stored form comes back."""

    def damaged(wanted):
        raw = bytearray(KEPT[wanted])
        for _ in range(data.draw(st.integers(0, 4))):
            raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
        return bytes(raw[: data.draw(st.integers(0, len(raw)))]) + data.draw(st.binary(max_size=8))

    text = TEXTS[name]
    assert b'"files"' in text
    assert len(decode(text, damaged)) == 2


SEEDS = st.tuples(st.integers(0, 9), st.integers(6300, 6500))
BASE64 = SEEDS.map(lambda pair: random.Random(pair[0]).randbytes(pair[1])).map(
    lambda data: base64.b64encode(data).decode()
)
PREFIXES = st.sampled_from(
    ["", "data:image/png;base64,", "data:;base64,", "x ", "data:a;b=c;base64,"]
)
LONG = st.builds(str.__add__, PREFIXES, BASE64) | BASE64.map(lambda text: text[:-1] + "!")
MESSAGES = st.recursive(
    LONG | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["data", "url", "format", "media_type", "~"]), inner)
    ),
    max_leaves=6,
)


@settings(max_examples=60)
@given(MESSAGES)
def test_messages_with_content_come_back(value):
    """Base64 anywhere in messages, in any dress, comes back letter by letter."""
    kept = {}

    def keep(data):
        kept[digest(data)] = data
        return digest(data)

    text = encode(value, None, keep)
    assert decode(text, kept.__getitem__) == value
    orjson.loads(text)
