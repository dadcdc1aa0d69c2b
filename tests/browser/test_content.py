"""Images, sounds, files, documents and tables are shown as what they are, and run nothing."""

import base64
import os

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from playwright.sync_api import expect

import weavelite

pytestmark = pytest.mark.browser

MARKUP = "# A title\n\n- one\n- **two** `three`\n\n[home](https://example.com) [bad](javascript:alert(1)) <script>window.ran=1</script>"  # noqa: E501
PAGE = b"<script>window.ran = 1</script>" * 40
NOISE = np.random.default_rng(1)


def picture(side=96):
    across = np.linspace(0, 255, side, dtype="u1")
    pixels = np.stack(np.broadcast_arrays(across, across[:, None], np.uint8(120)), -1)
    return Image.fromarray(np.ascontiguousarray(pixels))


def sound():
    import io
    import wave

    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        tone = 9000 * np.sin(np.arange(8000) / 3)
        file.writeframes(tone.astype("<i2").tobytes())
    return buffer.getvalue()


@weavelite.op
def look(picture, voice, page, tiny, note, table, vector, when, tags):
    return weavelite.Content.from_text("a,b\n1,2\n" * 100, extension="csv")


@weavelite.op
def chat(messages):
    return {"role": "assistant", "content": "A gradient."}


def record(client):
    frame = pd.DataFrame({"city": ["Bern", "Chur"] * 20, "people": range(40), "area": [0.5] * 40})
    _, call = look.call(
        picture(),
        weavelite.Audio(sound(), "wav"),
        weavelite.Content.from_bytes(PAGE, mimetype="text/html"),
        b"\x00\x01",
        weavelite.Markdown(MARKUP),
        frame,
        np.arange(1536, dtype="f4"),
        pd.Timestamp("2026-01-02 03:04:05"),
        {"a", "b"},
    )
    drawn = weavelite.codecs.pillow.save(Image.fromarray(NOISE.integers(0, 255, (80, 80, 3), "u1")))
    image = base64.b64encode(drawn.read("image.png")).decode()
    text = {"type": "text", "text": "What is this?"}
    voice = {
        "type": "input_audio",
        "input_audio": {"data": base64.b64encode(sound()).decode(), "format": "wav"},
    }
    shown = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{image}"}}
    _, said = chat.call([{"role": "user", "content": [text, voice, shown]}])
    client.flush()
    return call, said


def test_content_is_shown(client, open_page):
    """Each kind of content is drawn as what it is, and what could run is a download."""
    call, _ = record(client)
    page = open_page(f"r/call/{call.id}")
    page.get_by_role("tab", name="Input").click()
    panel = page.get_by_role("tabpanel")
    expect(panel.get_by_role("img", name="image.png")).to_be_visible()
    loaded = "image => image.complete && image.naturalWidth"
    page.wait_for_function("document.querySelector('figure img')?.complete")
    assert panel.get_by_role("img", name="image.png").evaluate(loaded) == 96
    player = panel.locator("audio")
    page.wait_for_function("document.querySelector('audio').readyState > 0")
    assert round(player.evaluate("audio => audio.duration"), 2) == 1
    expect(panel.get_by_role("heading", name="A title")).to_be_visible()
    expect(panel.get_by_role("link", name="home")).to_have_attribute("href", "https://example.com")
    assert panel.get_by_role("link", name="bad").count() == 0
    expect(panel.get_by_text("the first 20 of 40 rows")).to_be_visible()
    expect(panel.get_by_text("float32 [1,536]")).to_be_visible()
    expect(panel.get_by_text("2026-01-02T03:04:05")).to_be_visible()
    with page.expect_download() as download:
        panel.get_by_role("link", name=".html").click()
    assert download.value.suggested_filename.endswith(".html")
    assert page.evaluate("window.ran") is None
    if "SHOTS" in os.environ:
        page.screenshot(path=f"{os.environ['SHOTS']}/content.png", full_page=True)


def test_content_in_messages_is_shown(client, open_page):
    """What stands in a message as base64 is heard and seen where it was said."""
    _, said = record(client)
    page = open_page(f"r/call/{said.id}")
    panel = page.get_by_role("tabpanel")
    expect(panel.get_by_text("What is this?")).to_be_visible()
    expect(panel.locator("audio")).to_be_visible()
    expect(panel.get_by_role("link", name="Download")).to_have_count(2)
    page.wait_for_function("document.querySelector('figure img')?.naturalWidth === 80")
    if "SHOTS" in os.environ:
        page.screenshot(path=f"{os.environ['SHOTS']}/messages.png")
