"""Objects and datasets hold content: kept by digest, with stable versions, given back."""

import asyncio

import httpx
import numpy as np
import pytest
from PIL import Image

import weavelite
from weavelite import Audio, Content, Dataset, File, Markdown, Model, Object, Table
from weavelite.errors import NotFoundError
from weavelite.ids import digest
from weavelite.store import care
from weavelite.store.content_folder import IN_STORE, content_folder

from .samples import png, wav

IMAGE, SOUND = png(), wav()


def rows():
    return [
        {"id": 1, "image": Content.from_bytes(IMAGE), "vector": np.arange(400.0), "raw": IMAGE},
        {"id": 2, "image": Image.new("RGB", (4, 4), "red"), "sound": Audio(SOUND, "wav")},
        {"id": 3, "tag": {"_type": "set", "items": [1], "~": 1}, "note": Markdown("# a")},
    ]


def test_rows_of_a_dataset_hold_content(client):
    """Rows come back with images, sounds and arrays, and a dictionary that looks like a tag."""
    ref = weavelite.publish(Dataset(name="pictures", rows=rows()))
    first, second, third = client.get(ref).rows
    assert (first["image"], first["raw"]) == (Content.from_bytes(IMAGE), IMAGE)
    np.testing.assert_array_equal(first["vector"], np.arange(400.0))
    assert second["image"].getpixel((1, 1)) == (255, 0, 0)
    assert second["sound"] == Audio(SOUND, "wav")
    assert third == rows()[2]


def test_the_same_content_is_the_same_version(client):
    """A dataset with the same content is the same version; with other content, another."""
    first = weavelite.publish(Dataset(name="pictures", rows=rows()))
    again = weavelite.publish(Dataset(name="pictures", rows=rows()))
    changed = rows()
    changed[0]["raw"] = png(seed=1)
    other = weavelite.publish(Dataset(name="pictures", rows=changed))
    assert first.digest == again.digest != other.digest


def test_what_was_read_is_the_same_version(client):
    """Rows that were read and are published again are the version that they were."""
    ref = weavelite.publish(Dataset(name="pictures", rows=rows()))
    read = [dict(row) for row in client.get(ref).rows]
    assert weavelite.publish(Dataset(name="pictures", rows=read)).digest == ref.digest


def test_plain_rows_have_the_digests_of_weave(client):
    """Content elsewhere changes nothing of the digests of plain values."""
    row = Table([{"a": 1}]).row_digests(client.publisher.save)
    assert list(row) == ["XdhgKMbg1k4iUYb5astpM4ssWXZN95FiEH9cS7NNExA"]


class Painter(Model):
    style: Content
    paper: File
    weights: np.ndarray

    @weavelite.op
    def predict(self, id):
        return self.style.size + id


def test_a_model_holds_content(client, tmp_path):
    """A model whose fields are content is read as that model, and is used in an evaluation."""
    (tmp_path / "paper.txt").write_text("paper")
    model = Painter(
        name="painter",
        style=Content.from_bytes(IMAGE),
        paper=File(tmp_path / "paper.txt"),
        weights=np.eye(30),
    )
    ref = weavelite.publish(model)
    (tmp_path / "paper.txt").unlink()
    found = client.get(ref)
    assert (found.style, found.paper.contents) == (model.style, b"paper")
    assert found.predict(1) == len(IMAGE) + 1
    assert found.weights.tolist() == np.eye(30).tolist()


class Frame(Object):
    image: object


def test_a_changed_field_is_a_new_version(client):
    """A model whose content has changed is published anew when it is used."""
    frame = Frame(name="f", image=IMAGE)
    first = client.publisher.ref_of(frame)
    assert client.publisher.ref_of(frame) == first
    frame.image = png(seed=2)
    assert client.publisher.ref_of(frame).version != first.version


def test_an_evaluation_runs_over_content(client):
    """Content in rows reaches the model as it is, and outputs with content are kept."""

    @weavelite.op
    def flip(image):
        return Content.from_bytes(image.data[::-1])

    def same(image, output):
        return {"size": output.size == image.size}

    dataset = Dataset(name="d", rows=[{"image": Content.from_bytes(IMAGE)}])
    evaluation = weavelite.Evaluation(dataset=dataset, scorers=[same])

    summary = asyncio.run(evaluation.evaluate(flip))
    assert summary["same"]["size"]["true_count"] == 1
    (call,) = client.get_calls(filter={"op_names": [flip.name]})
    assert call.output == Content.from_bytes(IMAGE[::-1])


# Large content.

LARGE = np.random.default_rng(3).bytes(IN_STORE + 1)


def test_large_content_lies_beside_the_store(client, given_back, store_path):
    """Content above 1 MiB is a file by its digest, the owner's only, and never in the journal."""
    assert given_back(Content.from_bytes(LARGE)).data == LARGE
    assert given_back({"raw": LARGE, "small": LARGE[:-1]}) == {"raw": LARGE, "small": LARGE[:-1]}
    (file,) = content_folder(store_path).iterdir()
    assert (file.name, file.read_bytes()) == (digest(LARGE), LARGE)
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_large_content_is_served(client, given_back, server):
    """The server reads large content as it reads small content."""
    given_back(LARGE)
    assert httpx.get(f"{server.url}/api/content/{digest(LARGE)}").content == LARGE


def test_large_content_in_a_dataset(client):
    """What is published is kept whole, also above the limit of what is captured of calls."""
    client.capture_max = 1000
    ref = weavelite.publish(Dataset(name="large", rows=[{"raw": LARGE, "small": IMAGE}]))
    assert list(client.get(ref).rows) == [{"raw": LARGE, "small": IMAGE}]


def test_large_content_that_cannot_be_written_is_a_stub(client, recorded, store_path, caplog):
    """When the folder cannot be written to, the program goes on, and the record says what lacks."""
    content_folder(store_path).write_text("no folder")
    call = recorded([LARGE, "beside"])
    gone, beside = call.inputs["value"]
    assert (gone.val["size"], gone.files, beside) == (len(LARGE), {}, "beside")
    recorded(LARGE)
    assert len([r for r in caplog.records if "large content" in r.message]) == 1
    content_folder(store_path).unlink()
    assert recorded(LARGE).inputs["value"] == LARGE


def test_a_file_that_is_being_written_is_no_damage(client, recorded, store_path, tmp_path):
    """Content of which a part is written is neither checked nor copied."""
    recorded(LARGE)
    client.flush()
    (content_folder(store_path) / ".unborn").write_bytes(LARGE[:100])
    assert care.check(store_path) == []
    copy = care.backup(store_path, tmp_path / "copy")
    assert [file.name for file in content_folder(copy).iterdir()] == [digest(LARGE)]


@pytest.mark.parametrize("name", ["../weavelite.db", "x" * 43, "", "a/b"])
def test_only_content_is_read(store, store_path, name):
    """No path leads out of the folder of content."""
    content_folder(store_path).mkdir()
    with pytest.raises(NotFoundError):
        store.file(name)
