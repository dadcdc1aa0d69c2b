"""A slice of a store has the chosen traces whole, what they refer to, and nothing else."""

import contextlib
import dataclasses

import pytest

import weavelite
from weavelite.errors import NotFoundError, StoreError
from weavelite.query import CallQuery
from weavelite.store.merge import merge
from weavelite.store.slicing import cut
from weavelite.store.sqlite import SqliteStore

SECRET = "what is told to nobody else " * 60


@weavelite.op
def search(query):
    return f"found {query}"


@weavelite.op
def answer(question, context=None):
    return search(question)


class Corrector(weavelite.Model):
    style: str

    @weavelite.op
    def predict(self, text):
        return text.title()


@pytest.fixture
def source(tmp_path):
    """A store with three traces, of which one has a model of two versions, a picture, a table."""
    path = tmp_path / "weavelite.db"
    client = weavelite.init("test", store=path)
    weavelite.publish(Corrector(name="corrector", style="first"))
    model = Corrector(name="corrector", style="second")
    weavelite.publish(model)
    _, second = model.predict.call(model, "one")
    _, other = answer.call(SECRET)
    rows = weavelite.publish(weavelite.Dataset(name="rows", rows=[{"a": 1}, {"a": 2}]))
    large = weavelite.Content.from_bytes(b"\x89PNG" + bytes(2 << 20), mimetype="image/png")
    _, picture = answer.call("see", context={"picture": large, "rows": rows.get()})
    second.feedback.add_note("well done")
    other.feedback.add_note("a note of no concern")
    client.flush()
    weavelite.finish()
    return path, {"model": second.trace_id, "other": other.trace_id, "picture": picture.trace_id}


def calls(store):
    return [dataclasses.asdict(call) for call in store.details(CallQuery(project="local/test"))]


def sliced(source, names, tmp_path):
    path, traces = source
    target = tmp_path / "slice.weavelite"
    cut(path, [traces[name] for name in names], target)
    return target


@contextlib.contextmanager
def opened(path):
    with contextlib.closing(SqliteStore(path)) as store:
        yield store


def test_calls_are_as_in_the_store_they_come_from(source, tmp_path):
    """Each call of a chosen trace reads the same; calls of others are not there."""
    target = sliced(source, ["model", "picture"], tmp_path)
    with opened(source[0]) as whole, opened(target) as slice:
        wanted = {source[1][name] for name in ("model", "picture")}
        assert calls(slice) == [call for call in calls(whole) if call["trace_id"] in wanted]


def test_versions_keep_their_numbers(source, tmp_path):
    """The second version of a model is v1 in the slice, too, and the first one is not there."""
    with opened(sliced(source, ["model"], tmp_path)) as slice:
        [found] = slice.object_versions("local/test", "corrector")
        assert (found.version, slice.objects("local/test")[0].version) == (1, 1)


def test_what_was_not_chosen_left_no_byte(source, tmp_path):
    """Text of other traces, and feedback on them, is not in the file."""
    data = sliced(source, ["model"], tmp_path).read_bytes()
    assert b"well done" in data
    assert SECRET[:60].encode() not in data
    assert b"of no concern" not in data


def test_a_slice_is_one_file(source, tmp_path):
    """Large content and datasets are in it, and nothing lies beside it."""
    (tmp_path / "sent").mkdir()
    target = tmp_path / "sent" / "slice.weavelite"
    cut(source[0], [source[1]["picture"]], target)
    assert [file.name for file in target.parent.iterdir()] == [target.name]
    with opened(target) as slice:
        [dataset] = slice.object_versions("local/test", "rows")
        assert dataset.digest
        [call] = [call for call in calls(slice) if call["op_name"] == "answer"]
        [digest] = call["inputs"]["context"]["picture"]["files"].values()
        assert len(slice.file(digest)) == (2 << 20) + 4


def test_a_slice_merges_into_another_store(source, tmp_path):
    """What was sent as a slice comes into the receiver's store."""
    target = sliced(source, ["model", "other"], tmp_path)
    with opened(tmp_path / "mine.db") as mine:
        assert merge(mine, target).calls == 3
        assert len(calls(mine)) == 3


def test_a_slice_replaces_nothing(source, tmp_path):
    """A file that is there is left alone, and unknown traces leave no file."""
    target = sliced(source, ["model"], tmp_path)
    before = target.read_bytes()
    with pytest.raises(StoreError, match="is there already"):
        cut(source[0], [source[1]["other"]], target)
    assert target.read_bytes() == before
    with pytest.raises(NotFoundError):
        cut(source[0], ["0" * 32], tmp_path / "none.weavelite")
    assert not list(tmp_path.glob("*none*"))
