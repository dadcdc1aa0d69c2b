"""Settings come from the environment, and say so."""

from pathlib import Path

import pytest

from weavelite.errors import SettingError
from weavelite.settings import origins, read_settings


def test_defaults():
    """Without variables, the store is ~/.weavelite/weavelite.db and tracing is on."""
    settings = read_settings({})
    assert settings.store == Path("~/.weavelite/weavelite.db").expanduser()
    assert not settings.disabled


def test_variables_are_read():
    """A variable of the environment wins over the default."""
    settings = read_settings({"WEAVELITE_HOME": "/data", "WEAVELITE_DISABLED": "true"})
    assert settings.store == Path("/data/weavelite.db")
    assert settings.disabled


@pytest.mark.parametrize(
    ("name", "value"), [("DISABLED", "maybe"), ("PORT", "x"), ("PORT", "0"), ("DRAIN", "fast")]
)
def test_bad_values_name_the_variable(name, value):
    """A value that cannot be used is refused by the name of its variable."""
    with pytest.raises(SettingError, match=f"WEAVELITE_{name}"):
        read_settings({f"WEAVELITE_{name}": value})


def test_origins_say_where_a_value_comes_from():
    """Every setting is listed with its meaning, and whether the environment set it."""
    listed = {entry.variable: entry for entry in origins({"WEAVELITE_PORT": "9000"})}
    assert (listed["WEAVELITE_PORT"].value, listed["WEAVELITE_PORT"].origin) == (
        9000,
        "environment",
    )
    assert listed["WEAVELITE_HOME"].origin == "default"
    assert all(entry.meaning for entry in listed.values())


def test_standard_variables_keep_their_names():
    """A variable that other tools set as well has no prefix of ours."""
    assert read_settings({"TRACEPARENT": "00-1-1-01"}).traceparent == "00-1-1-01"
    assert "TRACEPARENT" in {entry.variable for entry in origins({})}
