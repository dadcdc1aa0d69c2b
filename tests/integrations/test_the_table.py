"""The guide's table of integrations is true: its tests exist, and no integration is missing."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "integrations.md").read_text()
ROW = re.compile(r"^\| \[([\w, ]+)\]\(\.\./(tests/[\w/]+\.py)\) \|(.*)\|$", re.MULTILINE)
ROWS = ROW.findall(GUIDE)
CAPABILITIES = ["sync", "async", "stream", "tools", "usage", "error", "nesting"]


def functions(path: Path) -> set[str]:
    return {
        node.name for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)
    }


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_the_tests_of_a_row_exist(row: tuple[str, str, str]) -> None:
    """Each cell of a row names a test of its file, or is a dash."""
    _, path, cells = row
    known = functions(ROOT / path)
    named = [cell.strip() for cell in cells.split("|")]
    assert len(named) == len(CAPABILITIES)
    for cell in named:
        assert cell == "–" or cell.strip("`") in known, cell


def test_no_integration_is_missing() -> None:
    """Every integration that is installed with weavelite is in the table."""
    assert f"| integration | {' | '.join(CAPABILITIES)} |" in GUIDE
    about = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    modules = about["entry-points"]["weavelite.integrations"].values()
    rows = {name for name, _, _ in ROWS}
    for module in modules:
        assert (ROOT / "integrations" / f"{module.replace('.', '/')}.py").exists()
        assert module.rpartition(".")[2] in rows, f"{module} is not in docs/integrations.md"


def test_extras_exist() -> None:
    """Every extra that the guide names is one of weavelite's."""
    about = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    listed = re.findall(
        r"^\| [^|]+\| [^|]+\| `([\w-]+)` \|", GUIDE.partition("## What")[0], re.MULTILINE
    )
    assert len(listed) >= 7
    assert set(listed) <= about["optional-dependencies"].keys()


def test_every_file_is_run() -> None:
    """A test of a library that development does not have is named by an environment."""
    named = set()
    for path in (ROOT / "tests" / "environments").glob("*.txt"):
        named |= set(re.findall(r"test_\w+\.py", path.read_text().partition("\n\n")[0]))
    for _, path, _ in ROWS:
        text = (ROOT / path).read_text()
        if "needs(" in text:
            assert Path(path).name in named, f"no environment runs {path}"
