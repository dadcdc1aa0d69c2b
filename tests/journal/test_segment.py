"""The writing end keeps records while the disk lets it, and the program running when not."""

import contextlib
import errno
import logging
import os
import stat
import threading

import orjson

from weavelite.journal.drain import drain_all
from weavelite.journal.frame import Kind, read_frames
from weavelite.journal.segment import RETRY_SECONDS, Journal
from weavelite.records.words import LOST
from weavelite.store.sqlite import SqliteStore


def payloads(path):
    frames = read_frames(path.read_bytes(), closed=True).frames
    return [bytes(payload) for kind, payload in frames if kind != Kind.HEADER]


def all_payloads(journal):
    paths = sorted(journal.folder.iterdir(), key=lambda path: path.stat().st_mtime_ns)
    return [text for path in paths for text in payloads(path)]


def test_a_record_is_in_the_file_when_append_returns(store_path):
    """Nothing is buffered: the file has the record at once, for the owner's eyes only."""
    journal = Journal(store_path)
    assert journal.append(Kind.END, b"one")
    assert payloads(journal.path) == [b"one"]
    assert stat.S_IMODE(journal.path.stat().st_mode) == 0o600


class Disk:
    """A write that can be full, and then take only a part of a record, or none."""

    def __init__(self):
        self.room = 10**9

    def __call__(self, fd, data):
        if self.room == 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        written = os.write(fd, data[: self.room])
        self.room -= written
        return written


def test_a_full_disk_is_said_once_and_survived(store_path, caplog):
    """On a full disk appends return and say so once; with space they go on, and say how many."""
    disk, now = Disk(), [0.0]
    journal = Journal(store_path, write=disk, clock=lambda: now[0])
    journal.append(Kind.END, b"before")
    disk.room = 5
    with caplog.at_level(logging.WARNING, "weavelite"):
        assert not journal.append(Kind.END, b"torn")
        assert not journal.append(Kind.END, b"lost")
    assert journal.lost == 2
    (warning,) = caplog.records
    assert "WEAVELITE_HOME" in warning.getMessage()
    disk.room = 10**9
    assert not journal.append(Kind.END, b"lost")  # it is tried once a second
    now[0] += RETRY_SECONDS
    with caplog.at_level(logging.WARNING, "weavelite"):
        assert journal.append(Kind.END, b"after")
    assert "again: 3 records were lost" in caplog.records[-1].getMessage()
    payloads = all_payloads(journal)
    assert payloads == [b"before", orjson.dumps({LOST: 3}), b"after"]


def test_a_journal_has_a_limit_on_disk(store_path, caplog):
    """Above its limit a journal takes no more, says so once, and goes on after a drain."""
    now = [0.0]
    journal = Journal(store_path, most=4000, clock=lambda: now[0])
    with caplog.at_level(logging.WARNING, "weavelite"):
        kept = sum(bool(journal.append(Kind.COUNT, orjson.dumps({"c": 1}))) for _ in range(500))
    assert 0 < kept < 500 and journal.lost == 500 - kept
    (warning,) = caplog.records
    assert "WEAVELITE_JOURNAL_MAX" in warning.getMessage()
    assert sum(path.stat().st_size for path in journal.folder.iterdir()) < 6000
    with contextlib.closing(SqliteStore(store_path)) as store:
        drain_all(store, store_path)
        now[0] += RETRY_SECONDS
        assert journal.append(Kind.COUNT, orjson.dumps({"c": 1}))
        drain_all(store, store_path)
        assert store.counters() == {"c": kept + 1, LOST: 500 - kept}


def test_a_short_write_is_written_again_whole(store_path):
    """A record of which the disk took a part is written whole, in a new segment."""
    cuts = [4]

    def write(fd, data):
        return os.write(fd, data[: cuts.pop()] if cuts and b"record" in data else data)

    journal = Journal(store_path, write=write)
    assert journal.append(Kind.END, b"record")
    assert all_payloads(journal) == [b"record"]
    assert journal.lost == 0


def test_a_folder_that_cannot_be_made_is_survived(tmp_path, caplog):
    """Where no journal can be made, the program goes on, and is told so once."""
    blocked = tmp_path / "file"
    blocked.write_text("")
    journal = Journal(blocked / "weavelite.db")
    with caplog.at_level(logging.WARNING, "weavelite"):
        assert not journal.append(Kind.END, b"one")
        assert not journal.append(Kind.END, b"two")
    assert len(caplog.records) == 1


def test_threads_write_whole_records(store_path):
    """Records of many threads stand whole beside each other, across new segments."""
    journal = Journal(store_path, limit=20_000)
    texts = [[f"{n}-{i}".encode() * 20 for i in range(200)] for n in range(8)]

    def write(mine):
        for text in mine:
            journal.append(Kind.END, text)

    threads = [threading.Thread(target=write, args=(mine,)) for mine in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(all_payloads(journal)) == sorted(text for mine in texts for text in mine)
    assert len(list(journal.folder.iterdir())) > 1


def test_a_thread_that_writes_holds_up_no_other(store_path):
    """While the disk takes one thread's record, another's is appended, in a new segment or not."""
    at_it, go_on = threading.Event(), threading.Event()

    def write(fd, data):
        if b"slow" in data:
            at_it.set()
            assert go_on.wait(10)
        return os.write(fd, data)

    journal = Journal(store_path, write=write)
    slow = threading.Thread(target=journal.append, args=(Kind.END, b"slow"))
    slow.start()
    assert at_it.wait(10)
    first = journal.append(Kind.END, b"quick")
    journal.seal()
    second = journal.append(Kind.END, b"quicker")
    assert first is not None and second is not None and first is not second
    assert first.fd >= 0  # the slow one has yet to write there
    go_on.set()
    slow.join()
    assert sorted(all_payloads(journal)) == [b"quick", b"quicker", b"slow"]


def test_a_fork_writes_its_own_segment(store_path):
    """A forked child leaves the parent's segment alone, and begins its own."""
    journal = Journal(store_path)
    journal.append(Kind.END, b"parent")
    pid = os.fork()
    if pid == 0:
        os._exit(0 if journal.append(Kind.END, b"child") else 1)
    assert os.waitpid(pid, 0)[1] == 0
    journal.append(Kind.END, b"parent again")
    assert payloads(journal.path) == [b"parent", b"parent again"]
    assert sorted(all_payloads(journal)) == [b"child", b"parent", b"parent again"]
