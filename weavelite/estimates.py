"""How many tokens a call probably had, where its provider told none.

Counted by `tiktoken`, the extra `tokens`, with encodings that are on this machine already: what
tiktoken would download is left alone. Nothing here runs on the thread of a traced program.
"""

import hashlib
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

DEFAULT = "o200k_base"
URL = "https://openaipublic.blob.core.windows.net/encodings/{0}.tiktoken"
"""Where tiktoken has a file from; the name of its copy here is the digest of that address."""
FILES = {
    "o200k_base": "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
    "cl100k_base": "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
}
"""Are the digests that the files have to have: tiktoken would fetch another one anew."""
SAME_FILE = {"o200k_harmony": "o200k_base"}

ASKED = ("messages", "prompt", "input", "contents", "prompts", "inputs")
SAID = frozenset({"content", "text", "arguments", "reasoning_content", "refusal", "output_text"})
PER_MESSAGE, PER_ANSWER = 3, 3
"""Tokens around each message, and before the answer, in OpenAI's format of chats."""
MOST_CHARACTERS = 2_000_000
LOOK_AGAIN_S = 60.0


class Encoding(Protocol):
    """Is what this module needs of tiktoken's encodings."""

    def encode_ordinary(self, text: str) -> list[int]:
        """Divides a text into tokens."""


class Estimator:
    """Counts tokens with the encodings that it finds, and looks for missing ones now and then."""

    def __init__(self, load: "Callable[[str], Encoding | None] | None" = None) -> None:
        self._load = load or cached_encoding
        self._found: dict[str, Encoding] = {}
        self._missing: dict[str, float] = {}

    def encoding(self, model: str) -> Encoding | None:
        """Finds the encoding of a model, which of unknown models is that of newer ones."""
        name = encoding_name(model)
        if name in self._found:
            return self._found[name]
        if time.monotonic() < self._missing.get(name, 0.0):
            return None
        found = self._load(name)
        if found is None:
            self._missing[name] = time.monotonic() + LOOK_AGAIN_S
        else:
            self._found[name] = found
        return found


def encoding_name(model: str) -> str:
    """Names the encoding of a model."""
    try:
        from tiktoken.model import encoding_name_for_model

        name = encoding_name_for_model(model.rpartition("/")[2])
    except (ImportError, KeyError):
        return DEFAULT
    return name if SAME_FILE.get(name, name) in FILES else DEFAULT


def cached_encoding(name: str, environ: Mapping[str, str] | None = None) -> Encoding | None:
    """Loads an encoding whose file tiktoken has already, and None when it would download it."""
    file = SAME_FILE.get(name, name)
    try:
        import tiktoken

        path = cache_folder(environ) / hashlib.sha1(URL.format(file).encode()).hexdigest()
        if hashlib.sha256(path.read_bytes()).hexdigest() != FILES[file]:
            return None
        return tiktoken.get_encoding(name)
    except (ImportError, OSError, ValueError, KeyError):
        return None


def cache_folder(environ: Mapping[str, str] | None = None) -> Path:
    """Says where tiktoken keeps what it has downloaded."""
    environ = os.environ if environ is None else environ
    for variable in ("TIKTOKEN_CACHE_DIR", "DATA_GYM_CACHE_DIR"):
        if variable in environ:
            return Path(environ[variable])
    return Path(tempfile.gettempdir(), "data-gym-cache")


def estimate(encoding: Encoding, inputs: Any, output: Any) -> tuple[int, int] | None:
    """Counts the tokens of what was asked and answered; None where there is no text to count."""
    asked = next((inputs[name] for name in ASKED if inputs.get(name)), None) if inputs else None
    questions, answers = list(_texts(asked)), list(_texts(output))
    if not questions or not answers:
        return None
    if sum(map(len, questions)) + sum(map(len, answers)) > MOST_CHARACTERS:
        return None
    around = 0
    if isinstance(asked, list) and any(isinstance(item, dict) for item in asked):
        around = PER_MESSAGE * len(asked) + PER_ANSWER
    return (
        around + sum(len(encoding.encode_ordinary(text)) for text in questions),
        sum(len(encoding.encode_ordinary(text)) for text in answers),
    )


def _texts(value: Any) -> Iterator[str]:
    """Yields what is said in messages and answers; not ids, addresses, and the data of images."""
    if isinstance(value, str):
        if value:
            yield value
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict):
        for name, item in value.items():
            if isinstance(item, dict | list) or name in SAID:
                yield from _texts(item)
