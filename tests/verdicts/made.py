"""Runs and cells as a store answers them."""

from weavelite.records.answers import CallDetail
from weavelite.verdicts import compare, evaluation_run

PROJECT = "weave:///local/test"


def call(number, inputs, output, **more):
    fields = {
        "id": str(number), "trace_id": "t", "span_id": "s", "parent_span_id": None,
        "op_name": "Evaluation.evaluate", "op_digest": None, "display_name": f"run {number}",
        "kind": "op", "status": "success", "start_us": 1, "end_us": 2, "model": None,
        "input_tokens": None, "output_tokens": None, "sum_tokens": 5, "error": None,
        "thread_id": None, "parent_id": None, "project": "local/test", "exception": None,
        "attributes": {}, "summary": {}, "otel": None, "feedback": [],
    }  # fmt: skip
    return CallDetail(inputs=inputs, output=output, **{**fields, **more})


def run(number, summary=None, *, dataset="d:1", scorers=("exact:1",), trials=1, said=None, **more):
    stored = {
        "dataset": f"{PROJECT}/object/{dataset}",
        "scorers": [f"{PROJECT}/op/{scorer}" for scorer in scorers],
        "trials": trials,
    }
    inputs = {"self": f"{PROJECT}/object/ev:1", "model": f"{PROJECT}/object/m:{number}"}
    attributes = {"run": said} if said else {}
    made = call(number, inputs, summary, attributes=attributes, **more)
    return evaluation_run(made, stored, done=3, total=3)


def cell(row, scores=None, *, error=None, trial=0, latency=0.5, errors=None, **more):
    inputs = {"example": f"{PROJECT}/object/d:1/attr/rows/id/{row}", "trial": trial}
    output = {"output": "o", "scores": scores or {}, "model_latency": latency}
    if error is not None:
        output["errors"] = {"model": error, "scorers": {}}
    if errors is not None:
        output["errors"] = errors
    return call(row, inputs, output, **more)


def scored(values, name="exact"):
    """Makes a cell a value, in rows of their own."""
    return [cell(f"r{i}", {name: value}) for i, value in enumerate(values)]


def compared(base, other, **more):
    """Compares two runs that have cells and no summaries; returns the comparison."""
    return compare([run(1, **more), run(2, **more)], [base, other], {}, {})


def decision(comparison, name="exact", place=1):
    """Finds what was decided on a metric."""
    (metric,) = (metric for metric in comparison.metrics if metric.name == name)
    return metric.decisions[place]
