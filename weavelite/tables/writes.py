"""Tables on their way to a store."""

from collections.abc import Iterable, Iterator

from weavelite.records.writes import TableWrite
from weavelite.tables.rows import Written

PART_BYTES, PART_ROWS = 1024 * 1024, 1000


def table_writes(name: str, rows: Iterable[Written], size: int) -> Iterator[TableWrite]:
    """Divides a table into records of about a megabyte at most, and of some rows at least."""
    part: list[tuple[str, str]] = []
    start = held = 0
    for row in rows:
        part.append((row.digest, row.text))
        held += len(row.text)
        if held > PART_BYTES or len(part) >= PART_ROWS:
            yield TableWrite(name, part, start, size)
            start, held, part = start + len(part), 0, []
    if part or not start:
        yield TableWrite(name, part, start, size)
