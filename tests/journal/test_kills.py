"""What had returned before a kill is in the store, whatever the moment."""

import json
import os
import subprocess
import sys


def test_no_call_that_returned_is_lost_by_a_kill(tmp_path):
    """Of 200 processes of 4 threads, killed at random, every call that returned is stored."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.journal.kills", str(tmp_path), "200", "1"],
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "PYTHONPATH": os.getcwd()},
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["kills"] == 200
    assert found["returned"] > 1000
    assert found["lost"] == found["segments left"] == 0
