"""Comparisons as CSV: one line a row and trial, with what each run said, scored and took."""

import csv
import io
from collections.abc import Mapping
from typing import Any

import orjson

from weavelite.verdicts.cells import ComparedCell, measures
from weavelite.verdicts.comparison import ComparedRow, Comparison
from weavelite.verdicts.metrics import ERRORS


def comparison_csv(comparison: Comparison) -> str:
    """Writes the rows of a comparison; texts are whole."""
    lines = [_line(comparison, row) for row in comparison.rows]
    columns = list(dict.fromkeys(name for line in lines for name in line))
    order = {name: at for at, name in enumerate(["row", "digest", "trial", "group"])}
    columns.sort(key=lambda name: order.get(name, len(order) + (not name.startswith("row."))))
    written = io.StringIO()
    writer = csv.DictWriter(written, columns)
    writer.writeheader()
    writer.writerows(lines)
    return written.getvalue()


def _line(comparison: Comparison, row: ComparedRow) -> dict[str, Any]:
    line = {
        "row": row.index,
        "digest": row.digest,
        "trial": row.trial,
        "group": row.group if len(comparison.runs) > 1 else "",
    }
    example = row.example if isinstance(row.example, Mapping) else {"": row.example}
    for name, value in example.items():
        line[f"row.{name}"] = _text(value)
    for label, cell in zip(comparison.labels, row.cells, strict=True):
        if cell is not None:
            line.update({f"{label}: {name}": value for name, value in _said(cell).items()})
    return line


def _said(cell: ComparedCell) -> dict[str, Any]:
    scores = {name: value for name, _, value in measures(cell) if name != ERRORS}
    texts = {name: score for name, score in cell.scores.items() if isinstance(score, str)}
    failed = {f"{name} (error)": error for name, error in cell.scorer_errors.items()}
    said = {"output": _text(cell.output), "error": cell.error or "", **texts, **scores, **failed}
    return {**said, "call": cell.call_id}


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS, default=str).decode()
