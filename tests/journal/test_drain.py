"""What was written is in the store once, whoever died, and whoever drained."""

import contextlib
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time

import orjson
import pytest

from weavelite.journal import entries
from weavelite.journal.drain import Drain, drain_all
from weavelite.journal.frame import BODY, Kind, frame
from weavelite.journal.segment import Journal, journal_folder
from weavelite.query import CallQuery
from weavelite.records.words import DAMAGED, DAMAGED_BYTES
from weavelite.records.writes import (
    OpWrite,
)
from weavelite.store.sqlite import SqliteStore

OP = OpWrite(7, "local/test", "work", "op")


def call_payload(number, *, end=True, inputs=b"{}"):
    numbers = (0, number, 0, number, 0, OP.key, number, number + 1 if end else 0, 0)
    return BODY.pack(*numbers, len(inputs), 0) + inputs


def written(store_path, count, first=1):
    journal = Journal(store_path)
    journal.append(*entries.pack(OP))
    for number in range(first, first + count):
        journal.append(Kind.END, call_payload(number))
    return journal


def count(store):
    return store.stats(CallQuery(project="local/test")).count


def run(code, *arguments, **options):
    program = [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)]
    return subprocess.Popen(program, stdout=subprocess.PIPE, text=True, **options)


def test_calls_of_a_killed_process_are_kept(tmp_path):
    """1,000 calls that had returned when `kill -9` came are all there after `weavelite ls`."""
    path = tmp_path / "weavelite.db"
    program = run(
        """
        import os, signal, sys, weavelite
        weavelite.init("test", store=sys.argv[1])
        @weavelite.op
        def work(n): return n
        for n in range(1000): work(n)
        os.kill(os.getpid(), signal.SIGKILL)
        """,
        path,
        env={**os.environ, "WEAVELITE_DRAIN": "none"},
    )
    program.communicate()
    assert program.returncode == -signal.SIGKILL
    ls = [sys.executable, "-m", "weavelite", "ls", "--store", str(path), "--limit", "1"]
    answer = subprocess.run(ls, capture_output=True, text=True, check=True)
    assert "1,000 traces" in answer.stdout
    store = SqliteStore(path)
    inputs = sorted(call.inputs["n"] for call in store.details(CallQuery(project="local/test")))
    assert inputs == list(range(1000))
    assert not list(journal_folder(path).iterdir())


@pytest.mark.parametrize("ending", ["os._exit(0)", "os.abort()", "sys.exit(1)", "raise KeyError"])
def test_calls_survive_every_ending(tmp_path, ending):
    """However a process ends, the calls that had returned are kept."""
    path = tmp_path / "weavelite.db"
    code = f"""
        import os, sys, weavelite
        weavelite.init("test", store=sys.argv[1])
        @weavelite.op
        def work(n): return n
        for n in range(20): work(n)
        {ending}
        """
    run(code, path, stderr=subprocess.DEVNULL).communicate()
    store = SqliteStore(path)
    drain_all(store, path)
    assert count(store) == 20


def test_an_open_call_of_a_dead_process_is_interrupted(tmp_path):
    """A call that runs is shown as running, and as interrupted once its process is dead."""
    path = tmp_path / "weavelite.db"
    program = run(
        """
        import sys, time, weavelite
        weavelite.init("test", store=sys.argv[1])
        @weavelite.op
        def slow():
            print("open", flush=True)
            time.sleep(60)
        slow()
        """,
        path,
    )
    assert program.stdout.readline() == "open\n"
    with contextlib.closing(SqliteStore(path)) as store:
        assert shown(store, path).status == "running"
        program.kill()
        program.communicate()
        drain_all(store, path)
        (call,) = store.calls(CallQuery(project="local/test")).calls
        assert (call.status, call.end_us) == ("interrupted", None)


def shown(store, path):
    """Waits for the call that a living process has open."""
    for _ in range(500):
        drain_all(store, path)
        for call in store.calls(CallQuery(project="local/test")).calls:
            return call
        time.sleep(0.02)
    raise AssertionError("the open call was not shown within 10 s")


def test_a_drained_segment_is_gone(store, store_path):
    """A segment whose writer is dead and whose records are in the store is unlinked."""
    written(store_path, 10).seal()
    drain_all(store, store_path)
    assert count(store) == 10
    assert not list(journal_folder(store_path).iterdir())


def test_a_live_segment_is_drained_and_stays(store, store_path):
    """Records of a living process are in the store, and its segment is left to it."""
    journal = written(store_path, 10)
    drain_all(store, store_path)
    journal.append(Kind.END, call_payload(11))
    drain_all(store, store_path)
    assert count(store) == 11
    assert journal.path.exists()


def test_two_drains_write_once(store_path):
    """Two drains of the same journal, at once and piece by piece, write each call once."""
    journal = written(store_path, 2_000)
    stores = [SqliteStore(store_path), SqliteStore(store_path)]
    drains = [Drain(store, store_path) for store in stores]

    def work(drain):
        while drain.step(4_000):
            pass

    threads = [threading.Thread(target=work, args=(drain,)) for drain in drains]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    journal.seal()
    for drain in drains:
        drain.run()
    assert count(stores[0]) == 2_000


def test_a_drain_that_comes_late_writes_nothing(store, store_path):
    """A drain that opened a segment before another finished it does not write it again."""
    journal = written(store_path, 10)
    late = Drain(store, store_path)
    late.sizes()
    journal.seal()
    drain_all(store, store_path)
    late.step()
    assert count(store) == 10


def test_damage_is_skipped_and_counted(store, store_path):
    """Rubbish in the middle and a torn end cost what they hit, and are counted."""
    journal = written(store_path, 5)
    with journal.path.open("ab") as file:
        file.write(b"rubbish" + frame(Kind.END, call_payload(6)) + frame(Kind.END, b"x" * 99)[:50])
    journal.seal()
    damage = drain_all(store, store_path)
    assert count(store) == 6
    assert (damage.frames, damage.bytes) == (2, 57)
    assert store.counters() == {DAMAGED: 2, DAMAGED_BYTES: 57}


def test_a_record_that_makes_no_sense_is_counted(store, store_path):
    """A whole record that cannot be read is counted, and the others are kept."""
    journal = written(store_path, 3)
    journal.append(Kind.OP, b"not json")
    journal.append(Kind.OP, orjson.dumps({"unknown": 1}))
    journal.append(99, b"of a later version")
    journal.append(Kind.END, call_payload(4))
    assert drain_all(store, store_path).frames == 2
    assert count(store) == 4


def test_records_larger_than_a_piece_are_drained(store, store_path):
    """A record of 3 MB is drained by steps of 16 KB."""
    journal = written(store_path, 1)
    body = orjson.dumps({"text": "x" * 3_000_000})
    journal.append(Kind.END, call_payload(2, inputs=body))
    drain = Drain(store, store_path)
    while drain.step(16_384):
        pass
    assert count(store) == 2


def test_a_call_without_its_op_is_kept(store, store_path):
    """A call whose op's definition was lost is recovered under a name that says so."""
    journal = Journal(store_path)
    journal.append(Kind.END, call_payload(1))
    drain_all(store, store_path)
    (call,) = store.calls(CallQuery(project="local/recovered")).calls
    assert call.op_name == "unknown op"


def test_other_stores_are_left_alone(store, store_path):
    """A segment of another store in the same folder is neither read nor removed."""
    other = store_path.with_name("other.db")
    journal = written(other, 5)
    journal.seal()
    drain_all(store, store_path)
    assert store.projects() == []
    assert len(list(journal_folder(other).iterdir())) == 1


def test_what_was_deleted_does_not_come_back(store, store_path):
    """A call deleted while it ran stays deleted when its end is drained."""
    journal = Journal(store_path)
    journal.append(*entries.pack(OP))
    journal.append(Kind.START, call_payload(1, end=False))
    drain_all(store, store_path)
    (call,) = store.calls(CallQuery(project="local/test")).calls
    assert store.delete_calls("local/test", [call.id]) == 1
    journal.append(Kind.END, call_payload(1))
    drain_all(store, store_path)
    assert count(store) == 0


def test_a_record_that_cannot_be_stored_blocks_nobody(store, store_path):
    """A record at fault is set aside; the segment is drained to its end, and so are others."""
    journal = written(store_path, 3)
    journal.append(Kind.FEEDBACK, orjson.dumps({**FEEDBACK, "call_id": "not an id"}))
    journal.append(Kind.END, b"short")
    journal.append(Kind.END, call_payload(1))  # the same span once more
    journal.append(Kind.END, call_payload(4))
    journal.seal()
    written(store_path, 5, first=10).seal()
    drain_all(store, store_path)
    assert count(store) == 9
    assert not list(journal_folder(store_path).iterdir())


FEEDBACK = {
    "id": "f", "project": "local/test", "call_id": "", "type": "note", "payload": {},
    "creator": None, "created_ns": 1,
}  # fmt: skip


def test_many_leftovers_take_few_descriptors(store, store_path):
    """A thousand segments of dead processes are drained with a few descriptors open at a time."""
    for number in range(300):
        written(store_path, 1, first=1 + number).seal()
    code = """
        import resource, sys, pathlib
        from weavelite.journal.drain import drain_all
        from weavelite.store.sqlite import SqliteStore
        resource.setrlimit(resource.RLIMIT_NOFILE, (80, 80))
        path = pathlib.Path(sys.argv[1])
        drain_all(SqliteStore(path), path)
        """
    program = run(code, store_path)
    program.communicate()
    assert program.returncode == 0
    assert count(store) == 300


def test_a_segment_is_born_whole(store, store_path):
    """Drains that look all the time never take a segment that is being born for a dead one."""
    stop = threading.Event()
    errors = []

    def look():
        mine = Drain(SqliteStore(store_path), store_path)
        while not stop.is_set():
            try:
                mine.step()
            except Exception as error:
                errors.append(error)

    threads = [threading.Thread(target=look) for _ in range(2)]
    for thread in threads:
        thread.start()
    for number in range(150):
        written(store_path, 1, first=1 + number).seal()
    stop.set()
    for thread in threads:
        thread.join()
    drain_all(store, store_path)
    assert errors == []
    assert count(store) == 150
