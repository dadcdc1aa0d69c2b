"""The hooks: tests become rows where they run, and runs where the session is led."""

from collections.abc import Generator, Iterable
from typing import Any

import pytest

from weavelite.eval.dataset import as_dataset
from weavelite.pytest_plugin.case import Case, RunRows
from weavelite.pytest_plugin.leading import Led, report_of, write_summary
from weavelite.pytest_plugin.session import (
    RunIdentity,
    evaluation_named,
    model_named,
    start_tracing,
    tracing_into,
)
from weavelite.testing.asserting import LATER
from weavelite.testing.gating import Terms
from weavelite.verdicts.gates import Gate, read_gate

MARK = "weavelite"
_CASE = pytest.StashKey[Case]()
_TOLD = pytest.StashKey[dict[str, Any]]()
_ROWS = pytest.StashKey[list[dict[str, Any]]]()


class Rows:
    """Is the plugin of one process: of a plain session, of a worker of xdist, or its controller."""

    def __init__(self, config: pytest.Config, session: dict[str, Any]) -> None:
        self._config = config
        self._session = session
        self._is_worker = hasattr(config, "workerinput")
        self._runs: dict[str, RunRows] = {}
        self._evaluations: list[str] = []
        self._datasets: dict[tuple[str, str], list[dict[str, Any]]] = {}
        self._led = Led(session, self._gates(), self._option("baseline"), self._ini("main"))

    def _option(self, name: str) -> Any:
        return self._config.getoption(f"weavelite_{name}")

    def _ini(self, name: str) -> str | None:
        return str(self._config.getini(f"weavelite_{name}") or "") or None

    def _gates(self) -> list[Gate]:
        return [read_gate(text, "not_worse") for text in self._option("not_worse")]

    # Collecting

    def parametrize(self, metafunc: pytest.Metafunc, mark: pytest.Mark) -> None:
        """Makes a test of each row of a dataset; arguments are the columns of their names."""
        rows = [dict(row) for row in as_dataset(mark.kwargs["dataset"]).rows]
        columns = dict.fromkeys(name for row in rows for name in row)
        names = [name for name in metafunc.fixturenames if name in columns]
        if not names:
            raise pytest.UsageError(
                f"{metafunc.definition.nodeid} takes no column of its dataset: name one of "
                f"{', '.join(columns)} as an argument."
            )
        metafunc.definition.stash[_ROWS] = rows
        self._datasets[self._place(metafunc.definition)] = rows
        values = [[row.get(name) for name in names] for row in rows]
        metafunc.parametrize(names, values, ids=[f"row{i}" for i in range(len(rows))])

    def _place(self, item: Any) -> tuple[str, str]:
        return str(item.path), _name(item)

    def collected(self, items: Iterable[pytest.Item]) -> None:
        """Knows of which evaluations there will be rows."""
        for item in items:
            self._evaluations.append(_evaluation(item))

    # Running

    def case(self, item: pytest.Item) -> Case:
        """Gives the row of a marked test."""
        found = item.stash.get(_CASE, None)
        if found is None:
            found = item.stash[_CASE] = Case(self._inputs(item))
        return found

    def _inputs(self, item: pytest.Item) -> dict[str, Any]:
        spec = getattr(item, "callspec", None)
        values = dict(spec.params) if spec is not None else {}
        rows = self._datasets.get(self._place(item))
        if rows is not None and spec is not None:
            places = {name: at for name, at in spec.indices.items() if name in rows[0]}
            values |= rows[next(iter(places.values()), 0)]
        return {"test": _name(item), **values}

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Runs a test as a row, if it is marked; gates are for later in any test."""
        told = item.stash[_TOLD] = {"gates": []}
        mark = item.get_closest_marker(MARK)
        token = LATER.set(lambda *asked: self._later(item, told, *asked))
        try:
            if mark is None:
                return (yield)
            if self._led.client is None:
                self._led.client = start_tracing(self._ini("project"))
            with tracing_into(self._led.client):
                case = self.case(item)
                self._begin(item, mark, case, told)
                try:
                    return (yield)
                finally:
                    case.leave()
        finally:
            LATER.reset(token)

    def _begin(
        self, item: pytest.Item, mark: pytest.Mark, case: Case, told: dict[str, Any]
    ) -> None:
        name = _evaluation(item)
        client = self._led.client
        identity = RunIdentity.of(self._session, name)
        if name not in self._runs:
            model = model_named(mark.kwargs.get("model"))
            self._runs[name] = RunRows(evaluation_named(name), model, identity.traceparent)
        case.begin(self._runs[name])
        if client is not None:
            told |= {
                "evaluation": name,
                "model": self._runs[name].model.name,
                "project": str(client.project),
                "store": str(client.store_path),
            }
        for text in _texts(mark.kwargs.get("not_worse", ())):
            self._add(told, name, read_gate(text, "not_worse"), Terms())

    def _later(
        self, item: pytest.Item, told: dict[str, Any], name: str | None, gate: Gate, terms: Terms
    ) -> bool:
        """Takes a gate of an evaluation that this session has rows of."""
        if name is None and item.get_closest_marker(MARK) is not None:
            name = _evaluation(item)
        if name is None and len(set(self._evaluations)) == 1:
            name = self._evaluations[0]
        if name not in self._evaluations:
            return False
        self._add(told, name, gate, terms)
        return True

    def _add(self, told: dict[str, Any], name: str, gate: Gate, terms: Terms) -> None:
        said = [name, gate.metric, gate.value, gate.strict, terms.baseline, terms.main]
        told["gates"].append([*said, terms.allowed_errors])

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Ends the row of a test, and tells of it to whoever leads the session."""
        report = yield
        if call.when != "call":
            return report
        case, told = item.stash.get(_CASE, None), item.stash.get(_TOLD, {})
        error = call.excinfo.value if call.excinfo is not None else None
        if case is not None:
            case.end(error, is_skip=report.skipped and not hasattr(report, "wasxfail"))
        if told.get("evaluation") or told.get("gates"):
            setattr(report, MARK, told)
            if not self._is_worker:
                self.take(report)
        return report

    # Leading

    def take(self, report: pytest.TestReport) -> None:
        """Notes that a run has a row, and what is asked of it."""
        self._led.take(getattr(report, MARK))

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Ends the runs; a gate that does not hold is a test that failed."""
        if self._is_worker:
            self._let_go()
            return
        is_broken_off = int(exitstatus) in (2, 3)
        for name, passed, said in self._led.finish(is_broken_off=is_broken_off):
            if self._option("no_gates"):
                continue
            self._config.hook.pytest_runtest_logreport(report=report_of(name, passed, said))
            if not passed and session.exitstatus == pytest.ExitCode.OK:
                session.exitstatus = pytest.ExitCode.TESTS_FAILED
        self._let_go()

    def _let_go(self) -> None:
        if self._led.client is not None:
            self._led.client.finish()

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Says how the runs compare with their baselines."""
        write_summary(terminalreporter, self._led)


def _texts(asked: Any) -> list[str]:
    """Reads what a mark has for `not_worse`: names, or margins by name."""
    if isinstance(asked, str):
        return [asked]
    if isinstance(asked, dict):
        return [f"{name}={margin!r}" for name, margin in asked.items()]
    return list(asked)


def _name(item: Any) -> str:
    """Names a test without its file and its parameters: it may move."""
    inside = item.nodeid.partition("::")[2] or item.name
    return str(inside.partition("[")[0])


def _evaluation(item: pytest.Item) -> str:
    mark = item.get_closest_marker(MARK)
    name = None if mark is None else (mark.kwargs.get("evaluation") or next(iter(mark.args), None))
    return str(name) if name else item.path.stem
