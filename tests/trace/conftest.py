"""What a test asks about the calls that it made."""

import os
import subprocess
import sys
import textwrap

import pytest


@pytest.fixture
def nesting(client):
    """Lists each call once as (op, parent's op), sorted."""

    def read():
        calls = list(client.get_calls())
        names = {call.id: call.op_name for call in calls}
        assert len(names) == len(calls), "a call came out twice"
        traces = {call.id: call.trace_id for call in calls}
        for call in calls:
            assert call.status != "running", f"{call.op_name} has not ended"
            assert traces.get(call.parent_id, call.trace_id) == call.trace_id
        return sorted((call.op_name, str(names.get(call.parent_id))) for call in calls)

    return read


@pytest.fixture
def program(tmp_path):
    """Runs a program of a user's as a file of its own, and returns what it printed."""

    def run(code, *arguments, **environment):
        path = tmp_path / "program.py"
        path.write_text(textwrap.dedent(code))
        answer = subprocess.run(
            [sys.executable, path, *map(str, arguments)],
            cwd=tmp_path, env={**os.environ, **environment}, capture_output=True, text=True,
            timeout=120,
        )  # fmt: skip
        assert answer.returncode == 0, answer.stderr
        return answer.stdout.strip()

    return run
