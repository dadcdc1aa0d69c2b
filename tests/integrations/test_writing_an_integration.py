"""An integration of a third party: the guide's code, installed as a package, traces a library."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from weavelite import Call, instrument

from .conftest import Programs

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "writing-an-integration.md"
PACKAGE = ROOT / "examples" / "integration"
PROGRAM = """
import asyncio
import weavelite
weavelite.init("integrations")
import acme_llm

asked = [{"role": "user", "content": "good morning"}]

@weavelite.op
def ask():
    client = acme_llm.Client()
    assert client.chat("small", asked).text == "You said: good morning"
    assert len(list(client.chat("small", asked, stream=True))) == 5

async def ask_async():
    client = acme_llm.AsyncClient()
    await client.chat(model="small", messages=asked)
    async for piece in await client.chat("small", asked, stream=True):
        pass
    async for piece in await client.chat("small", asked, stream=True):
        break

ask()
asyncio.run(ask_async())
try:
    acme_llm.Client().chat("small", [{"role": "user", "content": "forbidden"}])
except acme_llm.RefusedError:
    pass
weavelite.finish()
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Installs the example package as a user would, into a folder."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    options = ["--no-deps", "--no-index", "--no-build-isolation", "--target", str(folder)]
    done = subprocess.run([*command, *options, str(PACKAGE)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder


def run(programs: Programs, installed: Path, program: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join(filter(None, (str(installed), os.environ.get("PYTHONPATH"))))
    return programs.run(program, PYTHONPATH=path)


def test_an_installed_integration_traces(programs: Programs, installed: Path) -> None:
    """A package that is installed is found by its entry point, and traces the library it names."""
    run(programs, installed, PROGRAM)
    above, whole, streamed, *rest = programs.calls()
    assert above.op_name == "ask"
    for call in (whole, streamed):
        assert (call.op_name, call.kind, call.parent_id) == ("acme.chat", "llm", above.id)
        assert call.output == {"text": "You said: good morning"}
        assert (call.model, call.input_tokens, call.output_tokens) == ("small", 2, 4)
    awaited, awaited_stream, left, refused = rest
    assert awaited.output == awaited_stream.output == whole.output
    assert (left.output, left.attributes["abandoned"]) == ({"text": "You"}, True)
    assert (refused.status, refused.error) == ("error", "RefusedError: I will not say.")


def test_the_doctor_knows_it(programs: Programs, installed: Path) -> None:
    """`weavelite doctor` lists an integration of others."""
    program = (
        "import sys; from weavelite.cli import main; sys.argv = ['weavelite', 'doctor']; main()"
    )
    path = os.pathsep.join(filter(None, (str(installed), os.environ.get("PYTHONPATH"))))
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": path, "WEAVELITE_HOME": str(programs.folder)},
        capture_output=True,
        text=True,
    )
    assert "traced when it is imported, by weavelite_acme" in done.stdout, done.stdout + done.stderr


def test_it_takes_itself_back(programs: Programs, installed: Path) -> None:
    """After `unpatch` the library has the very functions that it had, streams among them."""
    run(
        programs,
        installed,
        """
        import acme_llm, weavelite_acme
        before = acme_llm.Client.chat, acme_llm.AsyncClient.chat
        weavelite_acme.patch(); weavelite_acme.patch()
        assert acme_llm.Client.chat is not before[0]
        weavelite_acme.unpatch()
        assert (acme_llm.Client.chat, acme_llm.AsyncClient.chat) == before
        """,
    )


def test_an_integration_has_forty_lines() -> None:
    """The guide's integration is as short as it says, not counting blank lines and docstrings."""
    lines = (PACKAGE / "weavelite_acme.py").read_text().splitlines()
    code = [line for line in lines if line.strip() and not line.strip().startswith('"""')]
    assert len(code) <= 40


def test_the_guide_names_what_exists() -> None:
    """The guide shows the example's very code, and names only fields and functions there are."""
    text = GUIDE.read_text()
    (shown,) = re.findall(r"```python\n(\"\"\"Traces acme_llm.*?)```", text, re.DOTALL)
    assert shown == (PACKAGE / "weavelite_acme.py").read_text()
    fields = re.findall(r"^\| `(\w+)`(?:, `(\w+)`)? \| ", text, re.MULTILINE)
    named = {name for pair in fields for name in pair if name}
    assert named <= set(instrument.Method.__dataclass_fields__)
    used = set(re.findall(r"instrument\.(\w+)", text))
    assert used <= set(instrument.__all__)


def test_a_listener_of_callbacks(client: Any, calls: Callable[[], list[Call]]) -> None:
    """The guide's listener makes calls of what it is told, below what they are in."""
    (code,) = re.findall(r"```python\n(from weavelite import.*?)```", GUIDE.read_text(), re.DOTALL)
    scope: dict[str, Any] = {}
    exec(code, scope)
    listener = scope["Listener"]()
    listener.on_tool_start(1, None, "search", {"query": "x"})
    listener.on_tool_start(2, 1, "fetch", {"url": "y"})
    listener.on_tool_end(2, "found")
    listener.on_tool_end(1, None, error=ValueError("bad"))
    search, fetch = calls()
    assert fetch.parent_id == search.id
    assert (fetch.output, search.status, search.kind) == ("found", "error", "tool")
