"""Content that is too large for the store: files beside it, named by their digests."""

import os
import re
from pathlib import Path

from weavelite.errors import NotFoundError
from weavelite.ids import fresh_uuid

IN_STORE = 1024 * 1024
"""Bytes up to which content rests in the store itself."""

_DIGEST = re.compile(r"[A-Za-z0-9]{43}")


def content_folder(store_path: Path) -> Path:
    """Says where the large content of a store lies."""
    return store_path.parent / "content"


def write_content(store_path: Path, digest: str, data: bytes) -> None:
    """Writes content whole or not at all; what is there already is left alone. Raises OSError."""
    folder = content_folder(store_path)
    target = folder / digest
    if target.exists():
        os.utime(target)  # whoever collects what nobody refers to sees that it is new again
        return
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    unborn = folder / f".{fresh_uuid()}"
    fd = os.open(unborn, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    try:
        with open(fd, "wb") as file:
            file.write(data)
        os.rename(unborn, target)
    except BaseException:
        unborn.unlink(missing_ok=True)
        raise


def read_content(store_path: Path, digest: str) -> bytes:
    """Reads content from its file; raises NotFoundError."""
    if _DIGEST.fullmatch(digest):
        try:
            return (content_folder(store_path) / digest).read_bytes()
        except FileNotFoundError:
            pass
    raise NotFoundError(f"There is no file {digest}.")
