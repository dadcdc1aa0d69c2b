"""What a check of a judge says: how far to trust it, where it errs, and what it costs."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from weavelite.verdicts.agreement import Agreement

_LISTED = 10
_WIDE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Is a row on which judge and people differ."""

    index: int
    criterion: str
    row: Mapping[str, Any]
    human: Any
    judge: Any
    explanation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeCost:
    """Is what judging took; `dollars` is None where a model's price is not known."""

    rows: int
    requests: int
    tokens: int
    dollars: float | None

    def projected(self, rows: int) -> "JudgeCost":
        """Reckons what so many rows like these take."""
        times = rows / self.rows if self.rows else 0.0
        return JudgeCost(
            rows=rows,
            requests=round(self.requests * times),
            tokens=round(self.tokens * times),
            dollars=None if self.dollars is None else self.dollars * times,
        )

    def __str__(self) -> str:
        price = "" if self.dollars is None else f", {dollars(self.dollars)}"
        return f"{self.requests:,} requests, {self.tokens:,} tokens{price}"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class JudgeReport:
    """Is how a judge compares with people, by criterion; printed, it says all of it.

    `cost` is None where nothing was traced: it is read from the calls.
    """

    judge: str
    agreements: Mapping[str, Agreement]
    differences: Sequence[Difference]
    unlabelled: int
    failed: int
    errors: Sequence[str]
    cost: JudgeCost | None
    rows_ahead: int | None
    places: Mapping[str, int] | None = None
    inconsistent: int | None = None
    url: str | None = None
    summary: Mapping[str, Any] = field(default_factory=dict)

    @property
    def agreement(self) -> Agreement:
        """Is the agreement of the first criterion, which mostly is the only one."""
        return next(iter(self.agreements.values()))

    @property
    def trusted(self) -> bool:
        """Tells whether the judge can be trusted on every criterion."""
        return all(found.standing == "trusted" for found in self.agreements.values())

    def __str__(self) -> str:
        parts = [
            [f"{self.judge}"],
            self._verdicts(),
            self._differences(),
            self._positions(),
            self._left_out(),
            self._costs(),
            [f"Kept as an evaluation: {self.url}"] if self.url else [],
        ]
        return "\n".join(line for part in parts for line in part)

    __repr__ = __str__

    def _verdicts(self) -> list[str]:
        if len(self.agreements) == 1:
            return [self.agreement.verdict]
        return [f"{name}: {found.verdict}" for name, found in self.agreements.items()]

    def _differences(self) -> list[str]:
        if not self.differences:
            return []
        count = len(self.differences)
        lines = [f"They differ on {count} row{'s' if count != 1 else ''}:"]
        for found in self.differences[:_LISTED]:
            about = "" if len(self.agreements) == 1 else f"{found.criterion}, "
            shown = ", ".join(f"{name}: {short(value)}" for name, value in found.row.items())
            lines += [
                f"  row {found.index}: {about}people say {found.human}, the judge {found.judge}",
                f"    {shown}",
                f"    its reason: {found.explanation}",
            ]
        more = count - _LISTED
        return [*lines, f"  and {more} more, in .differences"] if more > 0 else lines

    def _positions(self) -> list[str]:
        if self.places is None or self.inconsistent is None:
            return []
        judged = self.agreement.labels
        first, second = self.places.get("first", 0), self.places.get("second", 0)
        return [
            f"Position bias: in {first + second} of {judged} rows the place won, whatever stood "
            f"there (the first {first}, the second {second}); the two orders did not agree in "
            f"{self.inconsistent}, which count as ties."
        ]

    def _left_out(self) -> list[str]:
        lines = []
        if self.failed:
            lines.append(f"Without a judgement: {_rows(self.failed)} ({self.errors[0]})")
        if self.unlabelled:
            lines.append(f"Without a label, and left out: {_rows(self.unlabelled)}")
        return lines

    def _costs(self) -> list[str]:
        if self.cost is None or not self.cost.rows:
            return []
        each = self.cost.projected(1)
        price = "" if each.dollars is None else f" and {dollars(each.dollars)}"
        lines = [f"Cost: {self.cost}; {each.tokens:,} tokens{price} a row."]
        if self.rows_ahead:
            lines.append(
                f"{_rows(self.rows_ahead)} like these: {self.cost.projected(self.rows_ahead)}."
            )
        if self.cost.dollars is None:
            lines.append("What these tokens cost is not known: client.add_cost(...) tells it.")
        return lines


def dollars(amount: float) -> str:
    """Writes an amount with as many digits as say something."""
    if amount >= 1 or not amount:
        return f"${amount:,.2f}"
    return f"${amount:.{1 - math.floor(math.log10(amount))}f}"


def short(value: Any) -> str:
    """Shows a value in a line."""
    text = " ".join(str(value).split())
    return repr(text if len(text) <= _WIDE else f"{text[: _WIDE - 3]}...")


def _rows(count: int) -> str:
    return f"{count:,} row{'s' if count != 1 else ''}"
