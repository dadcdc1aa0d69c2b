"""A store is checked, copied, compacted and rid of what was deleted, while it is in use."""

import contextlib
import os
import sqlite3
import threading
import time

import pytest

import weavelite
from weavelite.errors import StoreError
from weavelite.journal.drain import drain_all
from weavelite.query import CallQuery
from weavelite.store.care import backup, check, collect, vacuum
from weavelite.store.content_folder import content_folder, write_content
from weavelite.store.opening import connect
from weavelite.store.salvage import salvage
from weavelite.store.sqlite import SqliteStore


@weavelite.op
def say(text):
    return text


def fill(path, count, text="words "):
    weavelite.init("test", store=path)
    calls = [say.call(f"{number} {text * 100}")[1] for number in range(count)]
    weavelite.finish()
    return calls


def said(path):
    with contextlib.closing(SqliteStore(path)) as store:
        drain_all(store, path)
        return {call.output for call in store.details(CallQuery(project="local/test"))}


def test_a_good_store_has_no_problems(store_path):
    """Of a store that is well there is nothing to say."""
    fill(store_path, 5)
    assert check(store_path) == []


def test_damage_is_found(store_path):
    """Rows that refer to nothing, and content that is not what its name says, are found."""
    fill(store_path, 5)
    with contextlib.closing(connect(store_path)) as connection:
        connection.execute("DELETE FROM bodies WHERE seq = 2")
        connection.execute("DELETE FROM pool")
    write_content(store_path, "x" * 43, b"something else")
    found = " ".join(check(store_path))
    assert "1 calls without bodies" in found
    assert "references to text that is gone" in found
    assert "x" * 43 in found


def test_what_is_no_store_is_said(store_path):
    """A file that is no store is an error that names it."""
    store_path.write_bytes(b"not a database " * 1000)
    with pytest.raises(StoreError, match=r"weavelite\.db"):
        check(store_path)


def test_a_backup_is_whole_while_others_write(store_path, tmp_path):
    """A copy made under writing is a good store, with content, for its owner's eyes only."""
    fill(store_path, 50)
    write_content(store_path, "y" * 43, b"large")
    stop = threading.Event()

    def write():
        with contextlib.closing(SqliteStore(store_path)) as store:
            while not stop.is_set():
                with store._transaction() as connection:
                    connection.execute("INSERT OR REPLACE INTO counters VALUES ('t', random())")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        copy = backup(store_path, tmp_path / "copy")
    finally:
        stop.set()
        writer.join()
    assert said(copy) == said(store_path)
    assert (copy.parent / "content" / ("y" * 43)).read_bytes() == b"large"
    assert copy.stat().st_mode & 0o077 == 0
    with pytest.raises(StoreError, match="not an empty folder"):
        backup(store_path, tmp_path / "copy")


def test_vacuum_gives_room_back(store_path):
    """After many calls were deleted, a vacuum makes the file small; what is left still reads."""
    calls = fill(store_path, 400)
    with contextlib.closing(SqliteStore(store_path)) as store:
        store.delete_calls("local/test", [call.id for call in calls[1:]])
    before, after = vacuum(store_path)
    assert after < before / 2
    assert said(store_path) == {calls[0].output}


@pytest.mark.parametrize("size", [3, 100, 3000])
def test_deleted_bytes_are_not_in_the_file(store_path, size):
    """After a delete and a collection no byte of the deleted texts is in the store's files."""
    secret = "Xerxes-in-Quito "
    fill(store_path, 20)
    weavelite.init("test", store=store_path)
    _, call = say.call(secret * size)
    weavelite.get_client().add_feedback(call.id, "wandb.note.1", {"note": secret})
    weavelite.finish()
    kept = said(store_path) - {call.output}
    with contextlib.closing(SqliteStore(store_path)) as store:
        store.delete_calls("local/test", [call.id])
        assert any(secret.encode() in file.read_bytes() for file in store_path.parent.glob("w*"))
    collect(store_path, files=True)
    files = [file for file in store_path.parent.rglob("*") if file.is_file()]
    assert not any(secret.encode() in file.read_bytes() for file in files)
    assert said(store_path) == kept


def test_a_collection_keeps_what_is_referred_to(store_path):
    """Code, datasets and texts of what is left stay; those of nobody go."""
    fill(store_path, 3)
    client = weavelite.init("test", store=store_path)
    dataset = weavelite.Dataset(name="rows", rows=[{"a": "b" * 50}])
    ref = client.publish(dataset)
    weavelite.finish()
    before = said(store_path)
    with contextlib.closing(connect(store_path)) as connection:
        connection.execute("INSERT INTO files VALUES (?, ?)", ("z" * 43, b"nobody's"))
        connection.execute(
            "INSERT INTO pool(digest, kind, value) VALUES (x'00', 0, 'nobody says this')"
        )
        files = connection.execute("SELECT count(*) FROM files").fetchone()[0]
    done = collect(store_path, files=True)
    assert (done.texts, done.files, done.rows, done.tables) == (1, 1, 0, 0)
    assert files > 1  # the code of the ops is still there
    assert said(store_path) == before
    client = weavelite.init("test", store=store_path)
    assert list(client.get(ref).rows) == [{"a": "b" * 50}]


def test_a_collection_takes_what_a_crash_left_of_content(store_path):
    """Content that was not finished an hour ago is removed; what may be being written is not."""
    fill(store_path, 1)
    write_content(store_path, "y" * 43, b"large")
    old, new = (content_folder(store_path) / name for name in (".old", ".new"))
    old.write_bytes(b"half"), new.write_bytes(b"half")
    os.utime(old, (time.time() - 3700,) * 2)
    assert collect(store_path, files=True).files == 2
    assert not old.exists() and new.exists()


def test_a_damaged_store_is_salvaged(store_path):
    """Of a store with a damaged page the rest is read into a new one; the old one is kept."""
    calls = fill(store_path, 2000)
    said(store_path)
    with contextlib.closing(connect(store_path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        page = connection.execute(
            "SELECT pageno FROM dbstat WHERE name = 'bodies' AND pagetype = 'leaf'"
            " ORDER BY pageno LIMIT 1 OFFSET 3"
        ).fetchone()[0]
    with store_path.open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xff" * 4096)
    assert check(store_path) != []
    done = salvage(store_path)
    assert done.incomplete == ["bodies"]
    assert done.damaged.exists()
    assert store_path.stat().st_mode & 0o077 == 0
    with contextlib.closing(SqliteStore(store_path)) as store:
        assert len(store.calls(CallQuery(project="local/test", limit=None)).calls) > 1800
        assert store.call("local/test", calls[-1].id).output == calls[-1].output


def test_a_salvaged_store_lets_readers_and_writers_go_on_together(store_path):
    """What was salvaged keeps a log of writes, as every store does."""
    fill(store_path, 10)
    salvage(store_path)
    with (
        contextlib.closing(SqliteStore(store_path)),
        contextlib.closing(connect(store_path)) as connection,
    ):
        assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"


def test_a_store_that_cannot_be_read_at_all_is_said(store_path):
    """Where nothing can be salvaged, the file stays where it is."""
    store_path.write_bytes(b"not a database " * 1000)
    with pytest.raises(StoreError, match="Nothing can be read"):
        salvage(store_path)
    assert store_path.exists()


def test_gaps_are_found_by_sqlite_itself(store_path):
    """A store that SQLite finds damaged is reported in its words."""
    fill(store_path, 300)
    with contextlib.closing(sqlite3.connect(store_path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        root = connection.execute(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'calls_by_op'"
        ).fetchone()[0]
    with store_path.open("r+b") as file:
        file.seek((root - 1) * 4096)
        file.write(b"\xaa" * 200)
    assert check(store_path)
