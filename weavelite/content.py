"""What users wrap bytes in, so that they are kept and shown as what they are."""

import base64
import binascii
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import quote, unquote_to_bytes

from weavelite.errors import ContentError
from weavelite.ids import digest as digest_bytes
from weavelite.media import OCTETS, TEXT, extension_of, sniff, type_of_extension

_DATA_URL = re.compile(r"data:([^,;]*)((?:;[^,;]+)*),(.*)", re.ASCII | re.DOTALL)


class Content:
    """Is bytes with a media type: an image, a sound, a document.

    Made by one of the `from_` methods, and not changed afterwards. It is kept once by its digest,
    however many calls and rows hold it.
    """

    def __init__(
        self,
        data: bytes | Callable[[], bytes],
        *,
        mimetype: str | None = None,
        extension: str | None = None,
        filename: str | None = None,
        size: int | None = None,
        digest: str | None = None,
        content_type: str = "bytes",
        input_type: str = "bytes",
        encoding: str = "utf-8",
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        if not isinstance(data, bytes) and not callable(data):
            raise ContentError(
                f"Content takes bytes, not {type(data).__name__}: use Content.from_text, "
                "from_path, from_base64 or from_url."
            )
        self._data = data
        self._size, self._digest = size, digest
        told = mimetype or type_of_extension(extension or _suffix(filename))
        self.mimetype = told or sniff(self.data)
        self.extension = (extension or _suffix(filename) or extension_of(self.mimetype)).lstrip(".")
        self._filename = filename
        self.content_type, self.input_type = content_type, input_type
        self.encoding = encoding
        self.metadata = dict(metadata) if metadata is not None else None

    @property
    def data(self) -> bytes:
        """Are the bytes; read from the store when they are first asked for."""
        if callable(self._data):
            self._data = self._data()
        return self._data

    @property
    def size(self) -> int:
        """Is how many bytes there are."""
        if self._size is None:
            self._size = len(self.data)
        return self._size

    @property
    def digest(self) -> str:
        """Names the bytes by their SHA-256."""
        if self._digest is None:
            self._digest = digest_bytes(self.data)
        return self._digest

    @property
    def filename(self) -> str:
        """Is the name of the file that it came from, else one made of its digest."""
        return self._filename or f"{self.digest[:12]}.{self.extension}"

    @classmethod
    def from_bytes(
        cls,
        data: bytes,
        /,
        extension: str | None = None,
        mimetype: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        encoding: str = "utf-8",
    ) -> Self:
        """Makes content of bytes; what they are is told from them, if it is not said."""
        if not isinstance(data, bytes | bytearray | memoryview):
            raise ContentError(f"Content.from_bytes takes bytes, not {type(data).__name__}.")
        return cls(
            bytes(data),
            extension=extension,
            mimetype=mimetype,
            encoding=encoding,
            metadata=metadata,
        )

    @classmethod
    def from_text(
        cls,
        text: str,
        /,
        extension: str | None = None,
        mimetype: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        encoding: str = "utf-8",
    ) -> Self:
        """Makes content of text: a document, a page, a program."""
        if not isinstance(text, str):
            raise ContentError(f"Content.from_text takes text, not {type(text).__name__}.")
        return cls(
            text.encode(encoding),
            extension=extension,
            mimetype=mimetype or type_of_extension(extension) or TEXT,
            content_type="text",
            input_type="str",
            encoding=encoding,
            metadata=metadata,
        )

    @classmethod
    def from_base64(
        cls,
        b64_data: str | bytes,
        /,
        extension: str | None = None,
        mimetype: str | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> Self:
        """Makes content of base64; raises ContentError for what is not base64."""
        return cls(
            _from_base64(b64_data),
            extension=extension,
            mimetype=mimetype,
            content_type="base64",
            input_type=type(b64_data).__name__,
            metadata=metadata,
        )

    @classmethod
    def from_path(
        cls,
        path: str | Path,
        /,
        encoding: str = "utf-8",
        mimetype: str | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> Self:
        """Makes content of a file as it is now."""
        file = Path(path)
        return cls(
            file.read_bytes(),
            mimetype=mimetype,
            filename=file.name,
            content_type="file",
            input_type=type(path).__name__,
            encoding=encoding,
            metadata=metadata,
        )

    @classmethod
    def from_url(
        cls,
        url: str,
        /,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = 30,
        metadata: Mapping[str, Any] | None = None,
    ) -> Self:
        """Fetches content over HTTP; raises ContentError when that fails."""
        from urllib.parse import urlsplit
        from urllib.request import Request, urlopen

        parts = urlsplit(url)
        if parts.scheme not in ("http", "https"):
            raise ContentError(f"Content.from_url takes an http or https address, not {url!r}.")
        try:
            with urlopen(Request(url, headers=dict(headers or {})), timeout=timeout) as answer:
                data, told = answer.read(), answer.headers.get_content_type()
        except OSError as error:
            raise ContentError(f"{url} could not be fetched: {error}.") from error
        return cls(
            data,
            mimetype=told if told != OCTETS else None,
            filename=Path(parts.path).name or None,
            content_type="url",
            input_type="str",
            metadata=metadata,
        )

    @classmethod
    def from_data_url(cls, url: str, /, metadata: Mapping[str, Any] | None = None) -> Self:
        """Makes content of a `data:` address; raises ContentError for any other."""
        found = _DATA_URL.fullmatch(url)
        if found is None:
            raise ContentError("A data URL begins with data:<media type>;base64, or the like.")
        mimetype, parameters, text = found[1], found[2].split(";")[1:], found[3]
        is_base64 = "base64" in parameters
        charset = next((p[8:] for p in parameters if p.lower().startswith("charset=")), None)
        kind = ["data_url", *(["encoding"] if charset else []), *(["base64"] if is_base64 else [])]
        return cls(
            _from_base64(text) if is_base64 else unquote_to_bytes(text),
            mimetype=mimetype or TEXT,
            content_type=":".join(kind),
            input_type="str",
            encoding=charset or "utf-8",
            metadata=metadata,
        )

    def as_string(self) -> str:
        """Returns the text that it is; what was given as base64, as base64."""
        if self.content_type == "base64":
            return base64.b64encode(self.data).decode()
        return self.data.decode(self.encoding)

    def to_data_url(self, use_base64: bool = True) -> str:
        """Writes it as a `data:` address."""
        if use_base64:
            return f"data:{self.mimetype};base64,{base64.b64encode(self.data).decode()}"
        return f"data:{self.mimetype};charset={self.encoding},{quote(self.data)}"

    def save(self, dest: str | Path) -> None:
        """Writes it to a file, or under its own name into a folder."""
        target = Path(dest)
        if target.is_dir() or str(dest).endswith(os.sep):
            target = target / Path(self.filename).name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(self.data)

    def open(self) -> bool:
        """Shows it in the program that the desktop has for it; False when there is none."""
        opener = shutil.which("open" if sys.platform == "darwin" else "xdg-open")
        if opener is None:
            return False
        folder = tempfile.mkdtemp(prefix="weavelite-")
        self.save(folder)
        path = Path(folder) / Path(self.filename).name
        return subprocess.run([opener, str(path)], check=False).returncode == 0

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Content):
            return NotImplemented
        mine, others = (self.mimetype, self.size), (other.mimetype, other.size)
        return mine == others and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    def __len__(self) -> int:
        return self.size

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.mimetype}, {self.size} bytes, {self.filename}>"


def _suffix(filename: str | None) -> str | None:
    return Path(filename).suffix or None if filename else None


def _from_base64(text: str | bytes) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ContentError(f"This is not base64: {error}.") from None


class Audio:
    """Is a sound, as the bytes of a WAV or MP3 file."""

    def __init__(
        self, data: bytes, format: Literal["wav", "mp3"], validate_base64: bool = True
    ) -> None:
        if format not in ("wav", "mp3"):
            raise ContentError(f"Audio is wav or mp3, not {format!r}; for others use Content.")
        self.data = _maybe_base64(data) if validate_base64 else data
        self.format = format

    @classmethod
    def from_data(cls, data: str | bytes, format: str) -> Self:
        """Makes a sound of bytes, or of base64 as models give it."""
        return cls(data if isinstance(data, bytes) else data.encode(), format)  # type: ignore[arg-type]

    @classmethod
    def from_path(cls, path: str | bytes | Path | os.PathLike[str]) -> Self:
        """Makes a sound of a file."""
        file = Path(os.fsdecode(path))
        return cls(file.read_bytes(), file.suffix.lower().lstrip("."), False)  # type: ignore[arg-type]

    def export(self, path: str | bytes | Path | os.PathLike[str]) -> None:
        """Writes the sound to a file."""
        Path(os.fsdecode(path)).write_bytes(self.data)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Audio) and (self.data, self.format) == (other.data, other.format)

    def __hash__(self) -> int:
        return hash((self.data, self.format))

    def __repr__(self) -> str:
        return f"<Audio {self.format}, {len(self.data)} bytes>"


def _maybe_base64(data: bytes) -> bytes:
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        return data


class File:
    """Is a file on disk; what is in it is kept when it is recorded.

    One that was recorded has that content and its name; the file itself may be gone or another.
    """

    def __init__(
        self,
        path: str | Path,
        mimetype: str | None = None,
        *,
        read: Callable[[], bytes] | None = None,
    ) -> None:
        self.path = Path(path)
        if read is None and not self.path.exists():
            raise FileNotFoundError(f"There is no file {self.path}.")
        self._read = read
        self._mimetype = mimetype

    @property
    def filename(self) -> str:
        """Is the file's name without its folder."""
        return self.path.name

    @property
    def mimetype(self) -> str:
        """Is the media type, told from the name and else from the bytes."""
        return self._mimetype or type_of_extension(self.path.suffix) or sniff(self.contents)

    @property
    def size(self) -> int:
        """Is how many bytes there are."""
        return self.path.stat().st_size if self._read is None else len(self.contents)

    @property
    def contents(self) -> bytes:
        """Are the bytes."""
        return self.path.read_bytes() if self._read is None else self._read()

    def save(self, dest: str | Path) -> None:
        """Writes it to a file, or under its own name into a folder."""
        target = Path(dest)
        (target / self.filename if target.is_dir() else target).write_bytes(self.contents)

    def __repr__(self) -> str:
        return f"<File {self.path}>"


class Markdown:
    """Is text that the viewer shows as Markdown; `rich` prints it as such, too."""

    def __init__(self, markup: str, code_theme: str = "monokai", **kwargs: Any) -> None:
        self.markup, self.code_theme = markup, code_theme
        self._options = kwargs

    def __rich__(self) -> Any:
        from rich.markdown import Markdown as Rendered

        return Rendered(self.markup, code_theme=self.code_theme, **self._options)

    def __str__(self) -> str:
        return self.markup

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Markdown) and self.markup == other.markup

    def __hash__(self) -> int:
        return hash(self.markup)

    def __repr__(self) -> str:
        return f"Markdown({self.markup!r})"
