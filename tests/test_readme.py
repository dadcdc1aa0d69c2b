"""What the README and the guides say is true: its programs run, its commands and settings exist."""

import ast
import inspect
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
GUIDES = "".join(path.read_text() for path in sorted((ROOT / "docs").glob("*.md")))
PROGRAMS = re.findall(r"```python( notebook)?\n(.*?)```", README + GUIDES, re.DOTALL)

RUN = """
import ast, asyncio, inspect, sys
code = compile(sys.stdin.read(), "cell", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
result = eval(code, {"__name__": "__main__"})
if inspect.iscoroutine(result):
    asyncio.run(result)
"""


@pytest.mark.parametrize("number", range(len(PROGRAMS)))
def test_programs_run(number, tmp_path):
    """Each program of the README and the guides runs in an empty folder, without a warning."""
    notebook, program = PROGRAMS[number]
    path = tmp_path / "program.py"
    path.write_text(program)
    command = [sys.executable, "-W", "error", *(["-c", RUN] if notebook else [str(path)])]
    answer = subprocess.run(
        command, input=program, cwd=tmp_path, capture_output=True, text=True, env=os.environ
    )
    assert answer.returncode == 0, answer.stderr


def test_commands_exist():
    """Every command and option of weavelite that the README or a guide names is in its help."""
    named = set(re.findall(r"`weavelite (\w+)", README + GUIDES))
    answer = subprocess.run(
        [sys.executable, "-m", "weavelite", "--help"], capture_output=True, text=True
    )
    assert named and all(name in answer.stdout for name in named)


def test_targets_exist():
    """Every `make` target that the README and CONTRIBUTING name is in the Makefile."""
    texts = README + (ROOT / "CONTRIBUTING.md").read_text()
    named = set(re.findall(r"(?:^|`)make ([a-z-]+)", texts, re.MULTILINE))
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert named and named <= targets


def test_variables_exist():
    """Every WEAVELITE_* variable that the README names is a setting, or the autoload's switch."""
    from weavelite.settings import origins

    known = {entry.variable for entry in origins({})} | {"WEAVELITE_AUTOLOAD"}
    assert set(re.findall(r"WEAVELITE_[A-Z_]+", README + GUIDES)) <= known


def test_pictures_exist():
    """Every picture that the README shows is there."""
    assert all((ROOT / name).exists() for name in re.findall(r"!\[.*?\]\((.*?)\)", README))


def test_top_level_await_is_meant():
    """The notebook cell uses `await` outside of a function, as a notebook allows."""
    (cell,) = [program for notebook, program in PROGRAMS if notebook]
    code = compile(cell, "cell", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    assert code.co_flags & inspect.CO_COROUTINE
