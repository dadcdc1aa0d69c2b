"""What came of gates: for the terminal, for a pull request, for CI's list of tests, and as JSON."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import orjson
from rich.console import Console
from rich.text import Text

from weavelite.testing.gating import Judged
from weavelite.testing.wording import judged_lines, ruling_text


def print_judged(judged: Sequence[Judged], console: Console) -> None:
    """Prints for each run how it compares with its baseline, and which gates it holds."""
    for each in judged:
        console.print()
        console.print(Text(f"{each.run.evaluation} · {each.run.name}", style="bold"))
        for line, color in judged_lines(each):
            style = "dim" if color is None else color
            console.print(Text(f"  {line}", style=style), soft_wrap=True)


def as_markdown(judged: Sequence[Judged]) -> str:
    """Writes what a comment on a pull request shows."""
    parts = []
    for each in judged:
        lines = [f"## {each.run.evaluation}: {_word(each)}", ""]
        lines += [f"- {ruling_text(ruling)}" for ruling in each.rulings]
        lines += [f"- baseline: {each.baseline.said}", ""]
        if each.comparison is not None:
            lines.append(each.comparison.markdown())
        parts.append("\n".join(lines))
    return "\n".join(parts)


def _word(each: Judged) -> str:
    if not each.rulings:
        return "done"
    if each.passes:
        return "passed"
    broken = any(ruling.outcome == "broken" for ruling in each.rulings)
    return "failed" if broken else "not decided"


def as_json(judged: Sequence[Judged], passed: bool) -> str:
    """Writes runs, their metrics and gates as JSON."""
    value = {"passed": passed, "runs": [_as_dict(each) for each in judged]}
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()


def _as_dict(each: Judged) -> dict[str, Any]:
    comparison = each.comparison
    return {
        "id": each.run.id,
        "evaluation": each.run.evaluation,
        "name": each.run.name,
        "model": each.run.model,
        "status": each.run.status,
        "errors": each.run.errors,
        "metrics": {metric.name: metric.value for metric in each.run.metrics},
        "baseline": None if each.baseline.run is None else each.baseline.run.id,
        "baseline_said": each.baseline.said,
        "headline": None if comparison is None else comparison.headlines[0],
        "gates": [
            {"gate": ruling.gate.text, "outcome": ruling.outcome, "said": ruling.said}
            for ruling in each.rulings
        ],
    }


def write_junit(judged: Sequence[Judged], path: Path) -> None:
    """Writes a JUnit file: a suite for each run, in which it is a test, and each gate is one."""
    root = ElementTree.Element("testsuites", name="weavelite")
    for each in judged:
        run = each.run
        suite = ElementTree.SubElement(root, "testsuite", name=f"{run.evaluation} {run.name}")
        cases = [_case(suite, run.evaluation, "runs to its end")]
        if run.status != "success":
            ElementTree.SubElement(cases[0], "error", message=f"the run is {run.status}")
        cases[0].set("time", f"{((run.end_us or run.start_us) - run.start_us) / 1e6:.3f}")
        for ruling in each.rulings:
            cases.append(_case(suite, run.evaluation, ruling.gate.text))
            if ruling.outcome == "held":
                ElementTree.SubElement(cases[-1], "system-out").text = ruling.said
            else:
                tag = "failure" if ruling.outcome == "broken" else "error"
                ElementTree.SubElement(cases[-1], tag, message=ruling.said).text = ruling.said
        for tag in ("failure", "error"):
            suite.set(f"{tag}s", str(sum(case.find(tag) is not None for case in cases)))
        suite.set("tests", str(len(cases)))
    path.parent.mkdir(parents=True, exist_ok=True)
    ElementTree.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def _case(suite: ElementTree.Element, evaluation: str, name: str) -> ElementTree.Element:
    return ElementTree.SubElement(suite, "testcase", classname=evaluation, name=name)
