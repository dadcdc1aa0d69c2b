"""Datasets are versions of rows, from and to other libraries, however many rows there are."""

import asyncio
import tracemalloc

import datasets
import pytest

import weavelite
from weavelite import Dataset
from weavelite.errors import EvaluationError, NotStartedError

ROWS = [{"q": "a", "n": 1}, {"q": "b", "n": None}]


def digests(client, dataset):
    return list(dataset.rows.row_digests(client.publisher.save))


def test_added_rows_are_a_version(client):
    """The new version has the old rows under their old digests, and the old one stays."""
    first = Dataset(name="questions", rows=ROWS)
    old = weavelite.publish(first)
    grown = first.add_rows([{"q": "c", "n": 3}])
    assert list(grown) == [*ROWS, {"q": "c", "n": 3}]
    assert grown.ref.name == "questions" and grown.ref.version != old.digest
    assert digests(client, grown)[:2] == digests(client, first)
    assert list(weavelite.ref("questions:v0").get()) == ROWS
    assert list(weavelite.ref("questions:v1").get()) == list(grown)


def test_rows_are_added_to_a_version_that_was_read(client):
    """A dataset from the store grows without being loaded, and keeps its name."""
    weavelite.publish(Dataset(rows=ROWS), "questions")
    grown = weavelite.ref("questions").get().add_rows([{"q": "c", "n": 3}])
    assert grown.ref.name == "questions"
    assert grown.num_rows == 3


def test_rows_need_a_project_and_columns(client):
    """What is added is checked like the rows of a new dataset, and needs somewhere to go."""
    dataset = Dataset(name="d", rows=ROWS)
    with pytest.raises(ValueError, match="row 1 is 3"):
        dataset.add_rows([{"q": "c"}, 3])
    weavelite.finish()
    with pytest.raises(NotStartedError):
        dataset.add_rows([{"q": "c"}])


def test_some_rows_are_selected():
    """Rows come in the order of the indices, from the end too; others are refused."""
    dataset = Dataset(name="d", rows=ROWS)
    assert list(dataset.select([1, 0, -1])) == [ROWS[1], ROWS[0], ROWS[1]]
    assert dataset.select(range(1)).name == "d"
    with pytest.raises(IndexError, match="There is no row 2"):
        dataset.select([2])
    with pytest.raises(ValueError, match="at least one row"):
        dataset.select([])


def test_hugging_face_there_and_back():
    """Rows go to a dataset of `datasets` and come back; of splits it is train."""
    dataset = Dataset(name="d", rows=ROWS)
    theirs = dataset.to_hf()
    assert isinstance(theirs, datasets.Dataset)
    assert Dataset.from_hf(theirs).rows == dataset.rows
    assert Dataset.from_hf(datasets.DatasetDict(train=theirs)).rows == dataset.rows
    with pytest.raises(EvaluationError, match="splits test and no train"):
        Dataset.from_hf(datasets.DatasetDict(test=theirs))


def test_a_long_dataset_is_never_whole_in_memory(client):
    """Thirty thousand rows are made, published, read, selected from and grown, some at a time."""
    rows = ({"n": n, "text": f"row {n} " * 40} for n in range(30_000))
    dataset = Dataset(name="long", rows=rows)
    weavelite.publish(dataset)
    tracemalloc.start()
    try:
        found = weavelite.ref("long").get()
        assert len(found) == 30_000
        assert found[29_999]["n"] == 29_999
        assert sum(row["n"] for row in found) == sum(range(30_000))
        grown = found.add_rows([{"n": -1, "text": ""}])
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert [row["n"] for row in grown.select([0, 30_000])] == [0, -1]
    assert peak < 12 * 1024 * 1024  # the rows take 14 MB as text alone, and 20 as objects


def test_a_stored_dataset_can_be_evaluated(client):
    """Rows that are read as they are needed are evaluated like others."""
    weavelite.publish(Dataset(rows=[{"n": n} for n in range(50)]), "stored")
    evaluation = weavelite.Evaluation(
        dataset=weavelite.ref("stored").get(), scorers=[lambda n, output: n == output]
    )
    summary = asyncio.run(evaluation.evaluate(lambda n: n))
    assert summary["lambda"]["true_count"] == 50
