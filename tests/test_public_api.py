"""What users see is what is meant to be seen."""

import subprocess
import sys
import types

import weavelite
from weavelite import instrument


def test_all_is_what_users_see():
    """`__all__` lists every public name of the front door, sorted, and no other."""
    public = [
        name
        for name, value in vars(weavelite).items()
        if not name.startswith("_")
        and not (isinstance(value, types.ModuleType) and name not in weavelite.__all__)
    ]
    assert weavelite.__all__ == sorted([*public, "__version__"])


def test_instrument_all_exists():
    """The public interface for integrations offers what it lists."""
    assert all(hasattr(instrument, name) for name in instrument.__all__)
    assert instrument.__all__ == sorted(instrument.__all__)


def test_import_loads_nothing_heavy():
    """`import weavelite` loads nothing that only some need, and builds no schema of pydantic."""
    heavy = "opentelemetry.sdk pandas openai langchain_core numpy fastapi sqlite_utils rich typer"
    heavy += " weavelite.verdicts weavelite.runs weavelite.eval.run pydantic.plugin._loader"
    code = (
        f"import sys, weavelite\nprint([name for name in {heavy.split()!r} if name in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert answer.stdout.strip() == "[]", answer.stdout + answer.stderr
