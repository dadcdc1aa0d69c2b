"""Libraries that can be traced are listed with what there is to say of them."""

import re
from pathlib import Path

import pytest

from weavelite.autopatch import integrations
from weavelite.autopatch.instrumentors import INSTRUMENTORS
from weavelite.autopatch.listing import libraries
from weavelite.errors import WeaveliteError


def by_name(**options):
    return {library.name: library for library in libraries(**options)}


def package(folder: Path, name: str, version: str, entry: str = "") -> None:
    """Puts a package of nothing into a folder, as pip would."""
    module = name.replace("-", "_")
    (folder / f"{module}.py").write_text("")
    about = folder / f"{module}-{version}.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    (about / "top_level.txt").write_text(f"{module}\n")
    if entry:
        (about / "entry_points.txt").write_text(f"[weavelite.integrations]\n{entry}\n")


@pytest.fixture
def site(tmp_path, monkeypatch):
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)
    return folder


def test_what_is_traced_and_why_not():
    """A library is traced when imported, or asked for, or not installed, or turned off."""
    listed = by_name()
    assert listed["openai"].traced and listed["openai"].version
    assert not listed["langchain-core"].traced
    assert 'weavelite.patch("langchain")' in listed["langchain-core"].why
    assert by_name(langchain=True)["langchain-core"].traced
    off = by_name(disabled=True)["openai"]
    assert (off.traced, off.why) == (False, "not traced: WEAVELITE_DISABLED is set")


def test_a_library_that_is_too_old(site):
    """A version that the integration is not for is said to be so."""
    package(site, "litellm", "1.2.3")
    found = by_name().get("litellm")
    if "litellm" not in integrations():
        pytest.skip("installed before LiteLLM was known: pip install --editable . again")
    assert found is not None and (found.version, found.broken) == ("1.2.3", True)
    assert re.search(r"for 1\.\d+ and newer", found.why)


def test_an_integration_that_is_gone(site):
    """An entry point that leads nowhere is told, with the library that is not traced for it."""
    package(site, "some-library", "1.0", "some_library = gone.integration")
    found = by_name()["some-library"]
    assert found.broken and "gone.integration" in found.why


def test_instrumentors_of_others(site):
    """A library without an integration is told with what to install, and what to call."""
    package(site, "smolagents", "1.0")
    found = by_name()["smolagents"]
    assert "pip install openinference-instrumentation-smolagents" in found.why
    assert 'weavelite.patch("smolagents")' in found.why


def test_own_integrations_win():
    """No library is in both tables."""
    assert not INSTRUMENTORS.keys() & integrations().keys()


def test_an_unknown_library(client):
    """Who asks for a library that nobody knows is told which there are."""
    import weavelite

    with pytest.raises(WeaveliteError, match="There is no integration for 'nonsense'"):
        weavelite.patch("nonsense")
