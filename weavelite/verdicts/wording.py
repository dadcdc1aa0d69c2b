"""Verdicts in words: the same in the terminal, in the viewer and in pull requests."""

import math
from collections.abc import Callable, Sequence

from weavelite.verdicts.decisions import Decision
from weavelite.verdicts.metrics import ERRORS, KINDS, MetricKind

MINUS = "−"
MOST_NAMED = 3
VERDICTS = {
    "better": "better",
    "worse": "worse",
    "different": "different",
    "undecided": "not decided",
    "unchanged": "unchanged",
    None: "no verdict",
}


def _seconds(size: float) -> str:
    if 0 < size < 0.001:
        return f"{size * 1e6:.0f} µs"
    return f"{size * 1000:.0f} ms" if size < 1 else f"{size:.2f} s"


def _dollars(size: float) -> str:
    if size == 0 or size >= 1:
        return f"${size:,.2f}"
    return f"${size:.4f}" if size >= 0.01 else f"${float(f'{size:.1e}'):.{_places(size)}f}"


def _places(size: float) -> int:
    return min(1 - math.floor(math.log10(size)), 20)


def _number(size: float) -> str:
    if size >= 1000 or size.is_integer():
        return f"{size:,.0f}"
    if size < 0.01:
        return f"{size:.2g}"
    return f"{size:.3f}" if size < 1 else f"{size:.2f}" if size < 10 else f"{size:.3g}"


SIZES: dict[MetricKind, Callable[[float], str]] = {
    "fraction": lambda size: f"{size * 100:.1f} %",
    "number": _number,
    "seconds": _seconds,
    "tokens": lambda size: f"{size:,.0f}" if size >= 100 else f"{size:.3g}",
    "dollars": _dollars,
}
"""Write sizes as the viewer does."""


def value_text(value: float | None, kind: MetricKind) -> str:
    """Writes the value of a metric with its unit."""
    if value is None or not math.isfinite(value):
        return "–" if value is None else str(value).replace("nan", "NaN")
    return (MINUS if value < 0 else "") + SIZES[kind](abs(value))


def size_text(size: float, kind: MetricKind) -> str:
    """Writes how large a difference is: of fractions in points, without its sign."""
    if kind != "fraction":
        return SIZES[kind](abs(size)) + (" tokens" if kind == "tokens" else "")
    points = abs(size) * 100
    return f"{points:.1f} points" if points < 10 or points % 1 else f"{points:.0f} points"


def difference_text(value: float | None, kind: MetricKind, *, unit: bool = True) -> str:
    """Writes a difference with its sign: `+11.0 points`, `−120 ms`."""
    if value is None or not math.isfinite(value):
        return "–"
    if kind == "fraction":
        text = f"{abs(value) * 100:.1f}" + (" points" if unit else "")
    else:
        text = SIZES[kind](abs(value)) + (" tokens" if unit and kind == "tokens" else "")
    if not any(digit in "123456789" for digit in text):
        return f"±{text}"
    return ("+" if value > 0 else MINUS) + text


def interval_text(decision: Decision, kind: MetricKind) -> str:
    """Writes an interval: `+4.2 to +17.6`."""
    if decision.low is None or decision.high is None:
        return "–"
    low = difference_text(decision.low, kind, unit=False)
    return f"{low} to {difference_text(decision.high, kind, unit=False)}"


def p_text(p: float) -> str:
    """Writes a p-value: `p = 0.002`."""
    if p < 0.001:
        return "p < 0.001"
    return f"p = {p:.3f}" if p < 0.1 else f"p = {p:.2f}"


def metric_text(name: str) -> str:
    """Names a metric as one says it: `model_latency (mean)` is latency."""
    known = {
        name: name.partition(" ")[0].removeprefix("model_") for name in KINDS if name != ERRORS
    }
    return known.get(name, name)


def figures_text(decision: Decision, kind: MetricKind) -> str:
    """Writes a difference, its interval and its p-value."""
    text = difference_text(decision.estimate, kind)
    if decision.low is None or decision.high is None or decision.p_corrected is None:
        return text
    interval = interval_text(decision, kind)
    return f"{text} (95 % interval {interval}, {p_text(decision.p_corrected)})"


def power_text(decision: Decision, kind: MetricKind) -> str:
    """Says what the rows could have shown, and what it takes to know more."""
    rows = plural(decision.rows, "row")
    if decision.verdict != "undecided":
        return ""
    if decision.detectable is None:
        seen = f"{rows} cannot decide"
    else:
        size = size_text(decision.detectable, kind)
        seen = f"with {rows} a difference of {size} could have been seen"
    if decision.wanted is None or decision.rows_needed is None:
        return seen
    needed = f"about {plural(_rounded(decision.rows_needed), 'row')}"
    if decision.trials_needed is not None:
        needed += f", or {plural(decision.trials_needed, 'trial')} of each of these,"
    return f"{seen}; {needed} would settle one of {size_text(decision.wanted, kind)}"


def decision_text(decision: Decision, metric: str, kind: MetricKind, label: str, base: str) -> str:
    """Says in one sentence what came out for a metric."""
    name, figures = metric_text(metric), figures_text(decision, kind)
    if decision.verdict in ("better", "worse"):
        return f"{label} is {decision.verdict} than {base} on {name}: {figures}"
    if decision.verdict == "different":
        return f"{label} differs from {base} on {name}: {figures}"
    if decision.verdict == "unchanged":
        return f"{name} is the same in {label} and {base} on {_all(decision.rows)}"
    if decision.verdict == "undecided":
        return f"Not decided: {name} of {label} against {base} {figures}"
    figures = f" {figures}," if decision.estimate is not None else ""
    return f"{name} of {label} against {base}:{figures} no verdict, {decision.why}"


def _all(rows: int) -> str:
    return "the only row" if rows == 1 else f"all {rows:,} rows"


def plural(count: int, one: str) -> str:
    """Writes a count of things."""
    return f"{count:,} {one}" if count == 1 else f"{count:,} {one}s"


def capital(sentence: str) -> str:
    """Begins a sentence with a capital letter."""
    return sentence[:1].upper() + sentence[1:]


def _rounded(count: int) -> int:
    """Rounds to two digits: nobody knows more."""
    return int(float(f"{count:.1e}"))


def named(items: Sequence[str]) -> str:
    """Lists names, and how many more there are."""
    rest = len(items) - MOST_NAMED
    return ", ".join(items[:MOST_NAMED]) + (f" and {rest} more" if rest > 0 else "")
