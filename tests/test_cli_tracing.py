"""weavelite run traces a program that never heard of weavelite, and is that program."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.integrations.fake_openai import running
from weavelite.journal.drain import drain_all
from weavelite.query import CallQuery
from weavelite.store.sqlite import SqliteStore


def run(*arguments, **options):
    command = [sys.executable, "-m", "weavelite", "run", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, **options)


def test_a_program_is_run_as_python_runs_it(tmp_path):
    """Arguments, folder of imports, name, output, errors and status are what Python makes them."""
    (tmp_path / "beside.py").write_text("VALUE = 7")
    app = tmp_path / "app.py"
    app.write_text(
        "import sys, json, beside\n"
        "print(json.dumps([__name__, __file__, sys.argv, beside.VALUE]))\n"
        "print('oops', file=sys.stderr)\nsys.exit(3)\n"
    )
    ours = run(app, "-p", "--project", "x", "--help")
    command = [sys.executable, str(app), "-p", "--project", "x", "--help"]
    theirs = subprocess.run(command, capture_output=True, text=True)
    assert (ours.returncode, ours.stdout) == (3, theirs.stdout)
    assert json.loads(ours.stdout)[0] == "__main__" and "oops" in ours.stderr


def test_modules_are_run(tmp_path):
    """`-m` runs a module of the folder, with its arguments."""
    package = tmp_path / "tool"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "__main__.py").write_text("import sys; print(__name__, sys.argv[1:])")
    (tmp_path / "single.py").write_text("import sys; print(__name__, sys.argv[1:])")
    for name in ("tool", "single"):
        assert run("-m", name, "-a", cwd=tmp_path).stdout == "__main__ ['-a']\n"


def test_a_traceback_is_the_program_s_own(tmp_path):
    """An exception ends the program with status 1, and its traceback has no frame of ours."""
    app = tmp_path / "app.py"
    app.write_text("def f():\n    raise ValueError('no way')\nf()\n")
    found = run(app)
    assert found.returncode == 1 and "ValueError: no way" in found.stderr
    assert "bootstrap" not in found.stderr and "runpy" not in found.stderr


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_signals_reach_the_program(tmp_path, name):
    """A signal meets the program itself, and what becomes of it is its status."""
    app = tmp_path / "app.py"
    app.write_text("import time\nprint('ready', flush=True)\ntime.sleep(30)\n")
    command = [sys.executable, "-m", "weavelite", "run", str(app)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"ready\n"
        time.sleep(0.1)
        process.send_signal(getattr(signal, name))
        assert process.wait(timeout=20) == -getattr(signal, name)


def test_what_is_missing_is_said(tmp_path):
    """A file that is not there is told in a sentence."""
    found = run(tmp_path / "none.py")
    assert found.returncode == 1 and "there is no file" in found.stderr


def test_a_program_that_cannot_be_traced_runs(tmp_path):
    """Where weavelite cannot start, it says so, and the program runs all the same."""
    app = tmp_path / "app.py"
    app.write_text("print('done')")
    found = run("-p", "not/a/project", app)
    assert found.returncode == 0 and found.stdout == "done\n"
    assert "traces nothing" in found.stderr


def test_calls_of_known_libraries_are_kept(tmp_path):
    """A program that calls a model has its calls in the store, and imports nothing of weavelite."""
    pytest.importorskip("openai")
    with running() as served:
        app = tmp_path / "app.py"
        app.write_text(
            "import openai\n"
            f"client = openai.OpenAI(base_url={served.base_url!r}, api_key='x')\n"
            "client.chat.completions.create(model='gpt-5', "
            "messages=[{'role': 'user', 'content': 'hi'}])\n"
        )
        found = run("-p", "traced", app)
        assert found.returncode == 0, found.stderr
    path = Path(os.environ["WEAVELITE_HOME"]) / "weavelite.db"
    with closing(SqliteStore(path)) as store:
        drain_all(store, path)
        [call] = store.details(CallQuery(project="local/traced"))
    assert (call.kind, call.inputs["messages"][0]["content"]) == ("llm", "hi")
