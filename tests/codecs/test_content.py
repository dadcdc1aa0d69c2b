"""Content is kept by digest, once, and given back as what it was."""

import base64
import os
import sqlite3
import wave
from io import BytesIO

import httpx
import pytest

import weavelite
from weavelite import Audio, Content, File, Markdown
from weavelite.errors import ContentError, NotFoundError
from weavelite.ids import digest

from .samples import png, wav

IMAGE, SOUND = png(), wav()


def count_files(client):
    client.flush()
    with sqlite3.connect(client.store_path) as db:
        return dict(db.execute("SELECT digest, length(content) FROM files").fetchall())


def test_content_comes_back(given_back):
    """Content has its bytes, its media type, its name and its metadata when it is read."""
    content = Content.from_bytes(IMAGE, metadata={"page": 3})
    found = given_back(content)
    assert found == content
    assert (found.data, found.metadata, found.filename) == (IMAGE, {"page": 3}, content.filename)
    assert (found.mimetype, found.extension) == ("image/png", "png")


def test_content_is_kept_once(client, recorded):
    """However many calls hold the same bytes, in whichever wrapping, they rest once."""
    for value in (Content.from_bytes(IMAGE), IMAGE, [IMAGE, {"deep": Content.from_bytes(IMAGE)}]):
        recorded(value)
    files = count_files(client)
    assert files[digest(IMAGE)] == len(IMAGE)
    assert [size for size in files.values() if size == len(IMAGE)] == [len(IMAGE)]


def test_content_goes_through_the_journal_once_a_process(client, recorded):
    """A process writes content to its journal the first time only."""
    recorded(IMAGE)
    before = client.journal.path.stat().st_size
    for _ in range(10):
        recorded(IMAGE)
    assert client.journal.path.stat().st_size - before < len(IMAGE)


def test_another_process_and_a_new_segment_keep_it_once(client, recorded, store_path):
    """Content that is written again by another process is the same content."""
    recorded(IMAGE)
    weavelite.finish()
    again = weavelite.init("test", store=store_path)
    _, call = weavelite.op(lambda value: None).call(IMAGE)
    assert again.get_call(call.id).inputs["value"] == IMAGE
    assert len([size for size in count_files(again).values() if size == len(IMAGE)]) == 1


@pytest.mark.parametrize("data", [b"", b"ab", bytes(256), bytes(257), IMAGE])
@pytest.mark.parametrize("kind", [bytes, bytearray])
def test_bytes_come_back(given_back, data, kind):
    """Bytes of any length are read as bytes, and a bytearray as a bytearray."""
    found = given_back(kind(data))
    assert (found, type(found)) == (data, kind)


def test_a_memoryview_comes_back_as_bytes(given_back):
    """What a view showed when it was recorded is read, whatever was done to it later."""
    buffer = bytearray(IMAGE)
    assert given_back(memoryview(buffer)) == IMAGE


def test_audio_comes_back(given_back):
    """A sound is read as a sound."""
    assert given_back(Audio(SOUND, "wav")) == Audio(SOUND, "wav")
    assert Audio.from_data(base64.b64encode(SOUND).decode(), "wav").data == SOUND


def test_an_open_wave_file_comes_back(given_back):
    """An open WAV file is recorded whole, and left where it was."""
    with wave.open(BytesIO(SOUND)) as opened:
        opened.readframes(100)
        found = given_back(opened)
        assert opened.tell() == 100
    assert (found.getnframes(), found.readframes(8000)) == (8000, SOUND[-8000:])


def test_a_file_comes_back_with_its_content(given_back, tmp_path):
    """A file is recorded as it was: it may be gone, or another, when the call is read."""
    path = tmp_path / "notes.txt"
    path.write_text("before")
    file = File(path)
    found = given_back(file)
    path.write_text("after")
    assert (found.contents, found.filename, found.size) == (b"before", "notes.txt", 6)
    assert found.mimetype == "text/plain"
    found.save(tmp_path / "copy.txt")
    assert (tmp_path / "copy.txt").read_text() == "before"


def test_markdown_comes_back(given_back):
    """Markdown is read as Markdown, rich's too."""
    from rich.markdown import Markdown as Rich

    assert given_back(Markdown("# Title")) == Markdown("# Title")
    assert given_back(Rich("# Title")) == Markdown("# Title")


def test_missing_content_leaves_the_rest_readable(client, recorded, store_path):
    """When content is gone, what was known of it is there, and so is the rest of the call."""
    call = recorded([IMAGE, "beside"])
    client.flush()
    with sqlite3.connect(store_path) as db:
        db.execute("DELETE FROM files")
    gone, beside = client.get_call(call.id).inputs["value"]
    assert beside == "beside"
    assert (gone.type, gone.val["mimetype"]) == ("bytes", "image/png")
    with pytest.raises(NotFoundError, match=digest(IMAGE)):
        gone.read("content")


def test_content_above_the_limit_is_a_stub(store_path):
    """Content above the limit of what is captured is left out, and its size is said."""
    os.environ["WEAVELITE_CAPTURE_MAX"] = "1000"
    client = weavelite.init("test", store=store_path)
    _, call = weavelite.op(lambda value: None).call(IMAGE)
    found = client.get_call(call.id).inputs["value"]
    assert found.val["size"] == len(IMAGE)
    assert b'"stubs":{"content":3' in client.get_call(call.id).inputs_json
    assert [size for size in count_files(client).values() if size > 1000] == []


def test_streams_attributes_and_outputs_hold_content(client):
    """Items of a stream, outputs, attributes and summaries keep content as inputs do."""

    @weavelite.op
    def draw():
        weavelite.get_current_call().summary["thumbnail"] = IMAGE
        yield Content.from_bytes(IMAGE)

    with weavelite.attributes({"reference": SOUND}):
        list(draw())
    (call,) = client.get_calls()
    assert call.output == [Content.from_bytes(IMAGE)]
    assert count_files(client).keys() >= {digest(IMAGE), digest(SOUND)}
    assert (call.attributes["reference"], call.summary["thumbnail"]) == (SOUND, IMAGE)


# Making content.


def test_media_types_are_told():
    """What content is, is told by the caller, else by a name, else from the bytes."""
    assert Content.from_bytes(IMAGE).mimetype == "image/png"
    assert Content.from_bytes(SOUND).mimetype == "audio/wav"
    assert Content.from_bytes(b"%PDF-1.7").extension == "pdf"
    assert Content.from_bytes(b"\x00\x01").mimetype == "application/octet-stream"
    assert Content.from_bytes(b"x", extension="md").mimetype == "text/markdown"
    assert Content.from_bytes(IMAGE, mimetype="image/webp").extension == "webp"
    assert Content.from_text("ä" * 5000).mimetype == "text/plain"
    assert Content.from_text("<p>", extension="html").mimetype == "text/html"


def test_base64_and_data_urls():
    """Base64 and data URLs are read, and written again."""
    text = base64.b64encode(IMAGE).decode()
    url = f"data:image/png;base64,{text}"
    assert Content.from_base64(text).as_string() == text
    assert Content.from_data_url(url).to_data_url() == url
    plain = Content.from_data_url("data:text/plain;charset=utf-8,a%20b")
    assert (plain.as_string(), plain.content_type) == ("a b", "data_url:encoding")
    escaped = Content.from_text("ä & b").to_data_url(use_base64=False)
    assert Content.from_data_url(escaped).as_string() == "ä & b"


@pytest.mark.parametrize(
    "make",
    [
        lambda: Content.from_base64("no base64!"),
        lambda: Content.from_data_url("http://example.com"),
        lambda: Content.from_url("file:///etc/hostname"),
        lambda: Content.from_bytes("text"),
        lambda: Content.from_text(b"bytes"),
        lambda: Content("text"),
        lambda: Audio(b"", "ogg"),
    ],
)
def test_what_is_not_content_is_refused(make):
    """What content cannot be made of raises an error that says so."""
    with pytest.raises(ContentError):
        make()


def test_content_is_saved(tmp_path):
    """Content is written to a file, or under its own name into a folder."""
    content = Content.from_bytes(IMAGE)
    content.save(tmp_path / "new" / "a.png")
    content.save(tmp_path)
    assert (tmp_path / "new" / "a.png").read_bytes() == IMAGE
    assert (tmp_path / content.filename).read_bytes() == IMAGE
    assert Content.from_path(tmp_path / "new" / "a.png").filename == "a.png"


def test_content_is_fetched(client, recorded, server):
    """An address is fetched, with the media type that its server says."""
    recorded(IMAGE)
    client.flush()
    url = f"{server.url}/api/content/{digest(IMAGE)}"
    found = Content.from_url(f"{url}?type=image/png")
    assert (found.data, found.mimetype) == (IMAGE, "image/png")
    with pytest.raises(ContentError, match="could not be fetched"):
        Content.from_url(f"{server.url}/api/content/{'0' * 43}")


# Content inside messages.


def chat(image=IMAGE, sound=SOUND):
    """A message as OpenAI, Anthropic and Google take it."""
    picture, voice = (base64.b64encode(data).decode() for data in (image, sound))
    png_source = {"type": "base64", "media_type": "image/png", "data": picture}
    return [
        {"type": "text", "text": "What is this?"},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{picture}"}},
        {"type": "input_audio", "input_audio": {"data": voice, "format": "wav"}},
        {"type": "image", "source": png_source},
        {"inline_data": {"mime_type": "image/png", "data": picture}},
    ]


def test_content_in_messages_is_kept_by_digest(client, recorded):
    """Base64 in messages rests as bytes, once, and is read letter by letter as it was."""
    call = recorded(chat())
    assert call.inputs["value"] == chat()
    assert len(call.inputs_json) < 2000
    files = count_files(client)
    assert files.keys() >= {digest(IMAGE), digest(SOUND)}
    assert list(files.values()).count(len(IMAGE)) == 1


@pytest.mark.parametrize(
    "text",
    [
        base64.b64encode(IMAGE).decode()[:-1],
        base64.encodebytes(IMAGE).decode(),
        base64.urlsafe_b64encode(IMAGE).decode(),
        "data:image/png;base64," + "A" * 9001,
        "A" * 20_000,
        "data:," + "x" * 20_000,
        "data:image/png;base64," + base64.b64encode(IMAGE).decode() + "=",
    ],
)
def test_unusual_base64_is_left_as_it_is(given_back, text):
    """A text that would not come back letter by letter is kept as text."""
    assert given_back([text] * 3) == [text] * 3


# The server.


def test_the_server_shows_images_and_gives_parts(client, recorded, server):
    """An image is shown as what it is, and players get the part that they ask for."""
    recorded([IMAGE, SOUND])
    client.flush()
    answer = httpx.get(f"{server.url}/api/content/{digest(IMAGE)}?type=image/png&name=a%22b.png")
    assert (answer.content, answer.headers["content-type"]) == (IMAGE, "image/png")
    assert answer.headers["content-disposition"] == "inline; filename*=UTF-8''a%22b.png"
    url = f"{server.url}/api/content/{digest(SOUND)}?type=audio/wav"
    for wanted, part in [("0-9", SOUND[:10]), ("8000-", SOUND[8000:]), ("-5", SOUND[-5:])]:
        part_answer = httpx.get(url, headers={"Range": f"bytes={wanted}"})
        assert (part_answer.status_code, part_answer.content) == (206, part)
    assert httpx.get(url, headers={"Range": "bytes=999999-"}).status_code == 416


@pytest.mark.parametrize(
    "type",
    ["text/html", "image/svg+xml", "application/javascript", "none", "image/png\r\nX: y"],
)
def test_the_server_never_shows_a_page(client, recorded, server, type):
    """What could run in a browser is a download of unknown bytes, in a sandbox."""
    recorded(b"<script>" * 100)
    client.flush()
    url = f"{server.url}/api/content/{digest(b'<script>' * 100)}"
    answer = httpx.get(url, params={"type": type, "name": "a.html"})
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("name", ["0" * 43, "..%2F..%2Fweavelite.db", "x"])
def test_the_server_has_no_other_files(server, name):
    """A digest that is not there, or is none, is not found."""
    assert httpx.get(f"{server.url}/api/content/{name}").status_code == 404
