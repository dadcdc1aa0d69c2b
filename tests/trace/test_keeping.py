"""Content is written once a process, from any thread, and whatever the disk does."""

import os
from concurrent.futures import ThreadPoolExecutor

from weavelite.ids import digest
from weavelite.journal.segment import Journal
from weavelite.store.content_folder import IN_STORE, content_folder
from weavelite.trace.keeping import REMEMBERED, ContentKeeper


def test_many_threads_keep_the_same_content(store_path):
    """Threads that keep the same large content at once leave one whole file, and nothing else."""
    data = os.urandom(IN_STORE + 1)
    keepers = [ContentKeeper(Journal(store_path), store_path) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda keeper: keeper.keep(data), keepers))
    assert found == [digest(data)] * 8
    assert [file.name for file in content_folder(store_path).iterdir()] == [digest(data)]


def test_what_is_remembered_is_bounded(store_path):
    """A process that keeps ever new content does not grow."""
    keeper = ContentKeeper(Journal(store_path), store_path)
    for number in range(REMEMBERED + 10):
        assert keeper.keep(b"%d" % number) is not None
    assert len(keeper._kept) <= REMEMBERED


def test_content_that_was_not_written_is_tried_again(store_path):
    """While the disk is full content is left out; once it is not, the same content is kept."""
    full = True

    def write(fd, data):
        return 0 if full else os.write(fd, data)

    keeper = ContentKeeper(Journal(store_path, write), store_path)
    assert keeper.keep(b"x" * 1000) is None
    full = False
    later = ContentKeeper(Journal(store_path, write), store_path)
    assert later.keep(b"x" * 1000) == digest(b"x" * 1000)
