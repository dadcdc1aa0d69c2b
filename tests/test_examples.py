"""The numbered examples run offline."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parent.parent / "examples"


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("0*.py")), ids=lambda path: path.name)
def test_examples_run(path, tmp_path):
    """An example runs in an empty folder, without a warning, and says where to look."""
    answer = subprocess.run(
        [sys.executable, "-W", "error", str(path)],
        cwd=tmp_path, capture_output=True, text=True, env=os.environ,
    )  # fmt: skip
    assert answer.returncode == 0, answer.stderr
    assert "weavelite ui" in answer.stdout + answer.stderr


def test_the_demos_rows_are_sound():
    """The demo's rows have ids of their own, ten kinds of ten or more, and no sentence twice."""
    rows = [json.loads(line) for line in (EXAMPLES / "corrections.jsonl").read_text().splitlines()]
    kinds = [row["kind"] for row in rows]
    assert len(rows) >= 120 and len({row["id"] for row in rows}) == len(rows)
    assert len({row["sentence"] for row in rows}) == len(rows)
    assert len(set(kinds)) == 10 and min(kinds.count(kind) for kind in set(kinds)) >= 10
    for row in rows:
        assert set(row) == {"id", "kind", "sentence", "correction"}
        if row["kind"] not in ("correct", "near_miss"):
            assert row["sentence"] != row["correction"], row["id"]
