"""What is to be sent on is kept until it is sent, and no longer."""

import contextlib

from tests.journal.test_drain import written
from weavelite.journal.drain import Drain
from weavelite.journal.outbox import Outbox
from weavelite.store.sqlite import SqliteStore


class Meanwhile(SqliteStore):
    """Lets something happen while a drain is at a segment."""

    def ingest(self, batch, progress=None):
        self.happens()
        return super().ingest(batch, progress)


def test_a_segment_is_let_go_while_a_drain_finishes_it(tmp_path):
    """Who sends on and who drains do not take each other for the segment's owner."""
    path = tmp_path / "weavelite.db"
    journal = written(path, 3)
    outbox = Outbox(journal.folder / "export", 1 << 30)
    outbox.take(journal.path)
    journal.seal()
    assert len(outbox.piece()[0].calls) == 3
    outbox.advance()

    with contextlib.closing(Meanwhile(path)) as store:
        left = []
        store.happens = lambda: left.append((outbox.piece(), list(outbox.folder.iterdir())))
        Drain(store, path).run()
    assert left and left[0] == (None, [])
    assert not journal.path.exists()


def test_a_segment_that_was_drained_but_not_removed_is_removed(tmp_path):
    """A drain that died after its last piece leaves no file behind for ever."""
    path = tmp_path / "weavelite.db"
    journal = written(path, 3)
    segment = journal.path
    kept = segment.with_suffix(".kept")
    kept.hardlink_to(segment)
    journal.seal()
    with contextlib.closing(SqliteStore(path)) as store:
        Drain(store, path).run()
        kept.rename(segment)
        drain = Drain(store, path)
        assert drain.step() == 0
    assert not segment.exists()
