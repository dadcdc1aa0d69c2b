"""How an evaluation shows itself in a notebook: what it is, and its newest runs."""

from datetime import datetime
from html import escape
from typing import TYPE_CHECKING

from weavelite.eval.roles import scorer_name
from weavelite.runs.reading import evaluation_runs
from weavelite.trace.context import SESSION
from weavelite.verdicts import EvaluationRun
from weavelite.verdicts.wording import metric_text, value_text

if TYPE_CHECKING:
    from weavelite.eval.evaluation import Evaluation

MOST_RUNS = 10
_COLUMNS = ("run", "model", "status", "cells", "metrics", "started")
_QUIET = "opacity:.65"


def evaluation_html(evaluation: "Evaluation") -> str:
    """Writes an evaluation and its newest runs as HTML; all text of the user's is escaped."""
    name = evaluation.name or "evaluation"
    scorers = ", ".join(scorer_name(scorer) for scorer in evaluation.scorers) or "no scorers"
    facts = f"{scorers} · {evaluation.trials} trial{'s' if evaluation.trials > 1 else ''}"
    head = f'<div><b>{escape(name)}</b> <span style="{_QUIET}">{escape(facts)}</span></div>'
    runs = _runs(name)
    if not runs:
        return head + "<div>No runs yet: <code>await evaluation.evaluate(model)</code>.</div>"
    cells = "".join(f"<th>{column}</th>" for column in _COLUMNS)
    rows = "".join(_row(run) for run in runs[:MOST_RUNS])
    more = len(runs) - MOST_RUNS
    foot = f"<div>{more:,} older: <code>weavelite eval ls</code></div>" if more > 0 else ""
    return f"{head}<table><thead><tr>{cells}</tr></thead><tbody>{rows}</tbody></table>{foot}"


def _runs(name: str) -> list[EvaluationRun]:
    client = SESSION.tracing
    if client is None:
        return []
    client.flush()
    found = evaluation_runs(client.store, str(client.project))
    return [run for run in found if run.evaluation == name]


def _row(run: EvaluationRun) -> str:
    metrics = ", ".join(
        f"{metric_text(each.name)} {value_text(each.value, each.kind)}" for each in run.metrics
    )
    started = datetime.fromtimestamp(run.start_us / 1e6).strftime("%Y-%m-%d %H:%M")
    name = f"{run.name} (baseline)" if run.is_baseline else run.name
    texts = (name, run.model, run.status, f"{run.rows:,}", metrics, started)
    return "<tr>" + "".join(f"<td>{escape(text)}</td>" for text in texts) + "</tr>"
