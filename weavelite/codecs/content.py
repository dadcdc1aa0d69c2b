"""Content, Audio, File and Markdown, under the names that Weave stores them by."""

from typing import Any

from weavelite.content import Audio, Content, File, Markdown
from weavelite.media import type_of_extension
from weavelite.serialize import NOT_MINE, Loader, Pending, Stored

CONTENT = "weave.type_wrappers.Content.content.Content"
AUDIO = "weave.type_handlers.Audio.audio.Audio"
FILE = "weave.type_handlers.File.file.File"
MARKDOWN = "rich.markdown.Markdown"
"""Is shared with rich's own class."""

_FIELDS = ("mimetype", "size", "filename", "extension", "content_type", "input_type", "encoding")


def save(value: Any) -> Any:
    """Writes what users wrap content in."""
    match value:
        case Content():
            val = {name: getattr(value, name) for name in _FIELDS}
            if value.metadata is not None:
                val["metadata"] = value.metadata
            return Stored(CONTENT, val, {"content": Pending(value.size, lambda: value.data)})
        case Audio():
            val = {"mimetype": type_of_extension(value.format), "size": len(value.data)}
            return Stored(AUDIO, val, {f"audio.{value.format}": value.data})
        case File():
            val = {"mimetype": value.mimetype, "size": value.size, "filename": value.filename}
            return Stored(FILE, val, {"content": Pending(value.size, lambda: value.contents)})
        case Markdown():
            return Stored(MARKDOWN, {"markup": value.markup, "code_theme": value.code_theme})
    return NOT_MINE


def _content(stored: Stored) -> Content:
    held = stored.files["content"]
    val = {name: stored.val[name] for name in (*_FIELDS, "metadata") if name in stored.val}
    return Content(held.read if isinstance(held, Pending) else held, **val)


def _audio(stored: Stored) -> Audio:
    (name,) = stored.files
    return Audio(stored.read(name), name.removeprefix("audio."), validate_base64=False)  # type: ignore[arg-type]


def _file(stored: Stored) -> File:
    val = stored.val
    return File(str(val["filename"]), str(val["mimetype"]), read=lambda: stored.read("content"))


LOADERS: dict[str, Loader] = {CONTENT: _content, AUDIO: _audio, FILE: _file}
