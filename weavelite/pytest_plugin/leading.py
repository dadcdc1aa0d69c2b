"""Where the session is led: runs begin with their first row, and are judged at the end."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from weavelite.errors import WeaveliteError
from weavelite.pytest_plugin.session import (
    RunIdentity,
    begin_run,
    end_run,
    start_tracing,
    tracing_into,
)
from weavelite.testing.asserting import failure_text
from weavelite.testing.gating import Judged, Terms, judge_run
from weavelite.testing.wording import judged_lines
from weavelite.trace.call import Call
from weavelite.trace.client import Client
from weavelite.verdicts.gates import Gate

Result = tuple[str, bool, str]
"""Is what is reported as a test: its name, whether it passed, and what there is to say."""


@dataclass(slots=True)
class Led:
    """Is the runs of a session, and what is asked of them."""

    session: dict[str, Any]
    gates: list[Gate]
    baseline: str | None
    main: str | None
    client: Client | None = None
    """Is what rows of this process are recorded with."""
    judged: list[tuple[Judged, str]] = field(default_factory=list)
    """Are the runs that have ended, and their pages in the viewer."""
    _runs: dict[str, tuple[Client, Call]] = field(default_factory=dict)
    _asked: dict[str, dict[tuple[Any, ...], None]] = field(default_factory=dict)

    def take(self, told: dict[str, Any]) -> None:
        """Begins the run of a row, if it is the first, and notes gates."""
        name = told.get("evaluation")
        if name is not None and name not in self._runs:
            client = self.client or start_tracing(told["project"], told["store"])
            if client is not None:
                with tracing_into(client):
                    call = begin_run(client, RunIdentity.of(self.session, name), told["model"])
                self._runs[name] = client, call
        for evaluation, *asked in told["gates"]:
            self._asked.setdefault(evaluation, {})[tuple(asked)] = None

    def finish(self, *, is_broken_off: bool) -> Iterator[Result]:
        """Ends the runs, and says of each gate whether it holds."""
        for name, (client, call) in self._runs.items():
            with tracing_into(client):
                end_run(client, call, "the session was interrupted" if is_broken_off else None)
            yield from self._judge(name, client, call)
        for name in self._asked.keys() - self._runs.keys():
            yield f"{name}: gate", False, f"Nothing of {name} was recorded: is tracing turned off?"

    def _judge(self, name: str, client: Client, call: Call) -> Iterator[Result]:
        found: Judged | None = None
        for gates, terms in self._terms(name):
            try:
                judged = judge_run(client.store, str(client.project), call.id, terms)
            except WeaveliteError as error:
                yield f"{name}: {gates[0].text if gates else 'baseline'}", False, str(error)
                continue
            for ruling in judged.rulings:
                passed = ruling.outcome == "held"
                said = failure_text(replace(judged, rulings=[ruling]))
                yield f"{name}: {ruling.gate.text}", passed, "" if passed else said
            if found is None:
                found = judged
                self.judged.append((judged, call.ui_url))
            else:
                found.rulings += judged.rulings

    def _terms(self, name: str) -> Iterator[tuple[list[Gate], Terms]]:
        plain = Terms(gates=self.gates, baseline=self.baseline, main=self.main)
        yield self.gates, plain
        for metric, value, strict, baseline, main, allowed in self._asked.get(name, {}):
            gate = Gate(metric=metric, kind="not_worse", value=value, strict=strict)
            if gate not in self.gates:
                yield (
                    [gate],
                    Terms(
                        gates=[gate],
                        baseline=baseline or self.baseline,
                        main=main or self.main,
                        allowed_errors=allowed,
                    ),
                )


def report_of(name: str, passed: bool, said: str) -> pytest.TestReport:
    """Makes a gate a test that passed or failed, for all that reads reports."""
    return pytest.TestReport(
        nodeid=f"weavelite::{name}",
        location=("weavelite", None, name),
        keywords={},
        outcome="passed" if passed else "failed",
        longrepr=None if passed else said,
        when="call",
    )


def write_summary(terminal: Any, led: Led) -> None:
    """Writes how the runs compare with their baselines at the end of pytest's output."""
    for judged, url in led.judged:
        terminal.section(f"weavelite: {judged.run.evaluation}")
        for line, color in judged_lines(judged):
            markup = {color: True} if color else {}
            terminal.write_line(line, **markup)
        terminal.write_line(url)
