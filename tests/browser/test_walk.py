"""The walk of the guide: from a script to which prompt is better, and where it got worse."""

import contextlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.conftest import Served
from weavelite.store.sqlite import SqliteStore

pytestmark = pytest.mark.browser

GUIDE = Path(__file__).parents[2] / "docs" / "viewer.md"
PROGRAM = re.compile(r"## Which prompt is better.*?```python\n(.*?)```", re.DOTALL)


@pytest.fixture
def walked(tmp_path):
    """A server on what the guide's program left."""
    (tmp_path / "prompts.py").write_text(PROGRAM.search(GUIDE.read_text()).group(1))
    home = {**os.environ, "WEAVELITE_HOME": str(tmp_path / "home")}
    said = subprocess.run(
        [sys.executable, "prompts.py"], cwd=tmp_path, env=home, capture_output=True, text=True
    )
    assert "title is better than capitals on right" in said.stdout + said.stderr
    path = tmp_path / "home" / "weavelite.db"
    with contextlib.closing(SqliteStore(path)) as store:
        served = Served(store, path)
        yield served
        served.stop()


def test_four_clicks_lead_to_the_better_prompt_and_a_fifth_to_the_rows_that_got_worse(
    walked, browser
):
    """No more clicks are needed than the guide says, from the first page on."""
    page = browser.new_page(viewport={"width": 1280, "height": 860})
    page.goto(walked.url)
    clicks = [
        page.get_by_role("link", name="Evaluations"),
        page.get_by_role("row", name="capitals").get_by_role("checkbox"),
        page.get_by_role("row", name="title").get_by_role("checkbox"),
        page.get_by_role("button", name="Compare"),
    ]
    for click in clicks:
        click.click()
    expect(page.get_by_text("title is better than capitals on right").first).to_be_visible()
    page.get_by_role("button", name="Regressed").click()
    rows = page.get_by_role("table").last
    expect(rows.get_by_text("NASA", exact=True).first).to_be_visible()
    expect(rows.get_by_text("Paris", exact=True)).to_have_count(0)
    page.close()
