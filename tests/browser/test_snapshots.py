"""Pages look as they did: pictures of a store that is always the same, in light and dark.

After a change that is meant, `make snapshots` takes the pictures anew: look at each before you
commit it.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from tests.browser.conftest import Watch
from tests.browser.likeness import compare
from tests.conftest import Served
from weavelite.store.sqlite import SqliteStore

pytestmark = pytest.mark.browser

FOLDER = Path(__file__).parent / "snapshots"
ROOT = Path(__file__).parents[2]
TAKEN_WITH = FOLDER / "chromium.txt"
NOW = "2026-03-08T12:00:00Z"
SIZES = {"wide": {"width": 1280, "height": 720}, "phone": {"width": 390, "height": 720}}
IS_UPDATE = bool(os.environ.get("UPDATE_SNAPSHOTS"))
BITS = 4
"""Of each colour that are kept, so that the files are small."""
PAGES = {
    "traces": "traces",
    "trace": "traces/{trace}",
    "conversation": "traces/{trace}?view=conversation",
    "evaluations": "evaluations",
    "comparison": "evaluations/compare?ids={runs}",
    "object": "objects/tickets",
    "overview": "overview",
}


@pytest.fixture(scope="module")
def still(tmp_path_factory):
    """A server on the store, the same each time, and what is in it."""
    folder = tmp_path_factory.mktemp("still")
    environment = {
        "PATH": os.environ["PATH"],
        "WEAVELITE_HOME": str(folder),
        "PYTHONPATH": os.pathsep.join(map(str, (ROOT, ROOT / "integrations"))),
    }
    script = [sys.executable, "-m", "tests.browser.still_store", str(folder)]
    subprocess.run(script, cwd=folder, env=environment, check=True, timeout=120)
    found = json.loads((folder / "still.json").read_text())
    store = SqliteStore(folder / "weavelite.db")
    while store.index():
        pass
    served = Served(store, folder / "weavelite.db")
    yield served, {"trace": found["trace"], "runs": ",".join(found["runs"])}
    served.stop()
    store.close()


@pytest.fixture
def shoot(browser, still):
    """Takes pictures of a page, once all of it has come."""
    server, found = still
    contexts = []

    def shoot(name, size, scheme, *, change=None):
        context = browser.new_context(
            viewport=SIZES[size],
            color_scheme=scheme,
            locale="en-US",
            timezone_id="UTC",
            reduced_motion="reduce",
        )
        contexts.append(context)
        page = context.new_page()
        watch = Watch(page, server.url.removeprefix("http://"))
        page.clock.set_fixed_time(NOW)
        page.goto(f"{server.url}/local/support/{PAGES[name].format(**found)}")
        page.locator("main h1, main [role=grid], main table").first.wait_for()
        page.locator("[role=status][aria-label=Loading]").first.wait_for(state="detached")
        page.wait_for_load_state("networkidle")
        page.wait_for_function("() => document.fonts.status === 'loaded'")
        if change is not None:
            page.evaluate(change)
        path = Path(tempfile.mkdtemp(prefix="weavelite-snapshot-")) / "actual.png"
        page.screenshot(path=path, animations="disabled", caret="hide")
        assert watch.faults == []
        return path

    yield shoot
    for context in contexts:
        context.close()


def check(path, name, browser):
    """Compares a picture with the one that is kept, or keeps it."""
    kept = FOLDER / f"{name}.png"
    taken = ImageOps.posterize(Image.open(path).convert("RGB"), BITS)
    if IS_UPDATE:
        taken.save(kept, optimize=True)
        TAKEN_WITH.write_text(f"{browser.version.split('.')[0]}\n")
        return
    assert kept.exists(), f"There is no picture {kept.name}: `make snapshots` takes it."
    found = compare(Image.open(kept), taken)
    if found.is_same:
        return
    found.picture.save(path.with_name("difference.png"))
    versions = (TAKEN_WITH.read_text().strip(), browser.version.split(".")[0])
    about = (
        ""
        if len({*versions}) == 1
        else " It was taken with Chromium {}, this is {}.".format(*versions)
    )
    pytest.fail(
        f"{name} looks different, most at {found.at} ({found.worst:.0%} of a tile).{about} Look at"
        f" actual.png and difference.png in {path.parent}; if it is meant, run `make snapshots`."
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", PAGES)
def test_pages_look_as_they_did(shoot, browser, name, size, scheme):
    """Nothing on the page has moved, is missing, or has another colour."""
    check(shoot(name, size, scheme), f"{name}-{size}-{scheme}", browser)


HIDE = """() => {
    const cell = document.querySelector("[role=rowgroup] [role=row] [data-column=latency]");
    cell.style.visibility = "hidden";
}"""
MOVE = """() => {
    for (const cell of document.querySelectorAll("[data-column=latency]"))
        cell.style.transform = "translateX(-6px)";
}"""
FADE = """() => {
    document.querySelector("[role=rowgroup] [role=row] a").style.color = "orange";
}"""
NOTHING = "() => {}"


@pytest.mark.skipif(IS_UPDATE, reason="pictures are taken, not compared")
@pytest.mark.parametrize("change", [HIDE, MOVE, FADE])
def test_a_change_is_seen(shoot, browser, change):
    """One figure that is missing, a column that moved or another colour makes the test fail."""
    with pytest.raises(pytest.fail.Exception, match="looks different"):
        check(shoot("traces", "wide", "light", change=change), "traces-wide-light", browser)


def test_pictures_are_small():
    """All of them together are no burden to the repository."""
    sizes = [path.stat().st_size for path in FOLDER.glob("*.png")]
    assert max(sizes) < 150_000
    assert sum(sizes) < 1_500_000
    assert {path.stem for path in FOLDER.glob("*.png")} == {
        f"{name}-{size}-{scheme}"
        for name in PAGES
        for size in SIZES
        for scheme in ("light", "dark")
    }


def picture(text="one word", at=8, ink=0):
    """Draws a line of text."""
    drawn = Image.new("RGB", (320, 64), "white")
    ImageDraw.Draw(drawn).text((at, 20), text, fill=(ink, ink, ink), font_size=13)
    return drawn


def test_smoothing_of_letters_is_no_change():
    """A shade, and a part of a pixel, are not seen; a letter is."""
    softer = picture().filter(ImageFilter.GaussianBlur(0.3))
    assert compare(picture(), softer).is_same
    assert compare(picture(), picture(ink=20)).is_same
    assert not compare(picture(), picture("one work")).is_same
    assert not compare(picture(), picture(at=12)).is_same
    assert not compare(picture(), picture().crop((0, 0, 320, 60))).is_same
