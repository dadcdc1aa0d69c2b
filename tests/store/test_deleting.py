"""What is deleted takes what is its own, and takes no longer in a full store."""

import contextlib

from weavelite.ids import uuid_of_bytes
from weavelite.query import CallQuery
from weavelite.records.writes import Batch, CallWrite, FeedbackWrite, OpWrite
from weavelite.store.sqlite import SqliteStore

PROJECTS = ("local/one", "local/two")
OPS = [OpWrite(number, project, "op", "op", "d") for number, project in enumerate(PROJECTS)]


def call(number, project=0):
    return CallWrite(
        id=number.to_bytes(16),
        trace_id=(number * 2 + project).to_bytes(16),
        span_id=number.to_bytes(8),
        parent_span=None,
        op_key=project,
        start_ns=number,
        end_ns=number + 1,
        failed=False,
        inputs="{}",
        output=None,
        rest={},
        fresh=True,
    )


def feedback(number, on, project=0):
    id = uuid_of_bytes(on.to_bytes(16))
    return FeedbackWrite(f"f{number}", PROJECTS[project], id, "note", {"note": "n"}, None, number)


def deleting(path, others):
    """Counts SQLite's steps, in thousands, of a deletion beside `others` pieces of feedback."""
    steps = []
    with contextlib.closing(SqliteStore(path)) as store:
        reactions = [feedback(number, 7) for number in range(others)]
        store.ingest(Batch(ops=OPS, calls=[call(1)], feedback=[*reactions, feedback(others, 1)]))
        store._writer.set_progress_handler(lambda: steps.append(1), 1000)
        store.delete_calls(PROJECTS[0], [uuid_of_bytes((1).to_bytes(16))])
        assert len(store.feedback(PROJECTS[0])) == others
    return len(steps)


def test_feedback_of_others_is_not_read(tmp_path):
    """A deletion takes as many steps beside ten thousand reactions as beside one."""
    few, many = (deleting(tmp_path / str(others) / "w.db", others) for others in (1, 10_000))
    assert many <= few + 1


def test_another_project_keeps_its_feedback(tmp_path):
    """A call with the same id in another project, as copied ones have, loses nothing."""
    with contextlib.closing(SqliteStore(tmp_path / "w.db")) as store:
        for project in (0, 1):
            own = feedback(project, 1, project)
            store.ingest(Batch(ops=OPS, calls=[call(1, project)], feedback=[own]))
        store.delete_calls(PROJECTS[0], [uuid_of_bytes((1).to_bytes(16))])
        assert [len(store.feedback(project)) for project in PROJECTS] == [0, 1]
        assert store.count(CallQuery(project=PROJECTS[1])) == 1
