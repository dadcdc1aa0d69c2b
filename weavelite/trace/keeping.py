"""Content on its way to the store, once: small content through the journal, large as a file."""

import logging
from pathlib import Path

from weavelite.ids import digest as digest_of
from weavelite.journal import entries
from weavelite.journal.segment import Journal
from weavelite.store.content_folder import IN_STORE, write_content

logger = logging.getLogger("weavelite")

REMEMBERED = 4096


class ContentKeeper:
    """Keeps content of one process by its digest; may be called from any thread."""

    def __init__(self, journal: Journal, store_path: Path) -> None:
        self._journal = journal
        self._store_path = store_path
        self._kept: dict[str, None] = {}
        self._complained = False

    def keep(self, data: bytes) -> str | None:
        """Keeps content, unless it was kept before; None when the disk does not let it."""
        digest = digest_of(data)
        if digest in self._kept:
            return digest
        if not self._write(digest, data):
            return None
        self._kept[digest] = None
        if len(self._kept) > REMEMBERED:  # the oldest may be written once more: it rests once
            for old in list(self._kept)[: REMEMBERED // 4]:
                self._kept.pop(old, None)
        return digest

    def _write(self, digest: str, data: bytes) -> bool:
        if len(data) <= IN_STORE:
            return self._journal.append(*entries.pack_file(digest, data)) is not None
        try:
            write_content(self._store_path, digest, data)
        except OSError as error:
            if not self._complained:
                self._complained = True
                logger.warning(
                    "weavelite cannot keep large content beside %s (%s): calls are recorded "
                    "without it until it can. The program goes on.",
                    self._store_path,
                    error.strerror or error,
                )
            return False
        self._complained = False
        return True
