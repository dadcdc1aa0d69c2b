"""What pytest loads at every start: options and a mark; all else comes with the first marked test.

It stands outside of `weavelite`, whose import would cost every session of pytest its time.
"""

import os
import time
from typing import Any

import pytest

MARK = "weavelite"
_SESSION = "weavelite-session"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the options and settings."""
    group = parser.getgroup("weavelite", "evaluations by tests that are marked with weavelite")
    group.addoption(
        "--weavelite-baseline", metavar="RUN",
        help="run to compare with: an id or a name; by default the marked one, else the newest at "
        "the commit where the branch left the main one, or before it",
    )  # fmt: skip
    group.addoption(
        "--weavelite-not-worse", metavar="METRIC[=MARGIN]", action="append", default=[],
        help="fails when a score is significantly worse than the baseline's, by more than a margin",
    )  # fmt: skip
    group.addoption(
        "--weavelite-no-gates", action="store_true",
        help="says what came of gates, and fails by none: for some of the rows, while developing",
    )  # fmt: skip
    parser.addini("weavelite_project", "project of the runs; by default WEAVELITE_PROJECT")
    parser.addini("weavelite_main", "main branch of git; by default origin's, main or master")


def pytest_configure(config: pytest.Config) -> None:
    """Declares the mark, and names the session, so that workers of xdist write into one run."""
    config.addinivalue_line(
        "markers",
        "weavelite(evaluation, dataset=None, model=None, not_worse=()): the test is a row of an "
        "evaluation; see weavelite's docs/testing.md",
    )
    told = getattr(config, "workerinput", {}).get(_SESSION)
    config.stash[SESSION] = told or {"began": time.time_ns(), "token": os.urandom(16).hex()}


SESSION = pytest.StashKey[dict[str, Any]]()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tells a worker of xdist which session it belongs to."""
    node.workerinput[_SESSION] = node.config.stash[SESSION]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Makes a test of each row of the dataset that a mark has."""
    mark = metafunc.definition.get_closest_marker(MARK)
    if mark is not None and mark.kwargs.get("dataset") is not None:
        _plugin(metafunc.config).parametrize(metafunc, mark)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Loads the plugin when there are marked tests."""
    marked = [item for item in items if item.get_closest_marker(MARK) is not None]
    if marked:
        _plugin(config).collected(marked)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Loads the plugin in the controller of xdist, which collects nothing itself."""
    config = getattr(getattr(report, "node", None), "config", None)
    if config is not None and getattr(report, MARK, None) is not None:
        _plugin(config).take(report)


@pytest.fixture
def weavelite_case(request: pytest.FixtureRequest) -> Any:
    """The row of a marked test: its inputs, output and scores."""
    if request.node.get_closest_marker(MARK) is None:
        raise pytest.UsageError(
            f"{request.node.name} is no row of an evaluation: mark it, "
            '@pytest.mark.weavelite(evaluation="name").'
        )
    return _plugin(request.config).case(request.node)


def _plugin(config: pytest.Config) -> Any:
    """Gives the plugin, which is loaded once."""
    found = config.pluginmanager.get_plugin("weavelite-rows")
    if found is None:
        from weavelite.pytest_plugin import Rows

        found = Rows(config, config.stash[SESSION])
        config.pluginmanager.register(found, "weavelite-rows")
    return found
