"""Objects are versioned by their fields and code, and publish themselves when they are used."""

import pytest
from pydantic import Field, ValidationError

import weavelite
from weavelite.errors import InvalidNameError, NotFoundError, NotStartedError
from weavelite.objects import CLASSES


class O(weavelite.Object):  # noqa: E742 the digest of Weave's golden vector holds this name
    a: int


class Prompted(weavelite.Model):
    prompt: str
    options: dict = Field(default_factory=dict)

    @weavelite.op
    def predict(self, question):
        return self.prompt + question


def test_the_digest_of_an_object_is_weaves(client):
    """An object without ops has the digest that Weave gives it."""
    ref = weavelite.publish(O(name="o", a=1))
    assert ref.digest == "i0PpUBXltROXt3qbIQfRTfmxjBpBfweCtfXCoFDLAxY"


@pytest.mark.parametrize(
    "value", [{"a": [1, {"b": None}]}, [1, 2], "text", 3.5, {"x": float("inf")}]
)
def test_plain_values_come_back(client, value):
    """A published value is read by its name, its version and its digest."""
    ref = weavelite.publish(value, "thing")
    assert ref.get() == weavelite.ref("thing").get() == weavelite.get("thing:v0") == value
    assert weavelite.ref(ref.uri).get() == weavelite.ref(f"thing:{ref.digest[:8]}").get() == value


def test_names_versions_and_aliases_resolve(client):
    """`latest`, `v0`, aliases and digests each name a version."""
    first = weavelite.publish({"n": 1}, "thing", aliases=["production"])
    second = weavelite.publish({"n": 2}, "thing")
    assert weavelite.get("thing:latest") == weavelite.get(second.uri) == {"n": 2}
    assert weavelite.get("thing:v0") == weavelite.get("thing:production") == {"n": 1}
    first.set_alias("best")
    assert weavelite.get("thing:best") == {"n": 1}


def test_a_dataset_comes_back_as_one(client):
    """A dataset is read back as a Dataset, with its rows in order."""
    rows = [{"id": n, "text": "é" * n} for n in range(5)]
    ref = weavelite.publish(weavelite.Dataset(name="texts", rows=rows))
    back = ref.get()
    assert isinstance(back, weavelite.Dataset)
    assert list(back) == list(back.rows) == rows and len(back) == 5
    assert weavelite.get(f"{ref}/attr/rows/index/2") == rows[2]


def test_a_model_comes_back_and_runs(client):
    """A model whose class is here is read back as it, fields and all."""
    ref = weavelite.publish(Prompted(name="m", prompt="p"))
    back = ref.get()
    assert isinstance(back, Prompted) and back.predict("q") == "pq"


def test_an_object_of_an_unknown_class_is_its_fields(client):
    """An object whose class this program does not have gives its fields; no code runs."""

    class Gone(weavelite.Model):
        size: int = 3

        @weavelite.op
        def predict(self, x):
            raise AssertionError("stored code ran")

    ref = weavelite.publish(Gone(name="gone"))
    del CLASSES["Gone"]
    back = ref.get()
    assert back.size == back["size"] == 3
    with pytest.raises(AttributeError, match="no field 'weight'"):
        _ = back.weight


def test_a_used_model_publishes_itself(client):
    """A model that a call uses stands in its inputs as a ref, without a word of the user's."""
    model = Prompted(name="m", prompt="p")
    model.predict("q")
    (call,) = client.get_calls()
    ref = call.inputs["self"]
    assert weavelite.get(ref).prompt == "p"
    model.predict("q2")
    assert client.get_calls()[1].inputs["self"] == ref


@pytest.mark.parametrize(
    "change",
    [lambda m: setattr(m, "prompt", "other"), lambda m: m.options.update(k=1)],
    ids=["assigned", "changed in place"],
)
def test_a_changed_model_is_a_new_version(client, change):
    """A field that is changed between two calls gives the second call a new version."""
    model = Prompted(name="m", prompt="p")
    model.predict("q")
    change(model)
    model.predict("q")
    first, second = (call.inputs["self"] for call in client.get_calls())
    assert first != second
    assert [v.version for v in client.store.object_versions("local/test", "m")] == [1, 0]


def test_ops_in_values_are_refs(client):
    """An op that is passed as an argument, or published, stands as its ref."""

    @weavelite.op
    def tool(x):
        return x

    @weavelite.op
    def use(t):
        return t(1)

    use(tool)
    call = client.get_calls(filter={"op_names": ["use"]})[0]
    assert call.inputs["t"].startswith("weave:///local/test/op/tool:")
    assert weavelite.publish(tool).uri == call.inputs["t"]
    assert weavelite.get(call.inputs["t"]) is tool


def test_datasets_are_not_changed_by_who_reads_them():
    """Rows are given out as copies: a model that spoils its input does not spoil the dataset."""
    dataset = weavelite.Dataset(rows=[{"a": [1]}])
    dataset[0]["a"].append(2)
    next(iter(dataset))["b"] = 1
    assert list(dataset) == [{"a": [1]}]


@pytest.mark.parametrize("rows", [[], [1], [{}], "text", None, {"a": 1}])
def test_bad_rows_are_refused(rows):
    """A dataset without rows, or with rows that are none, is refused."""
    with pytest.raises(ValidationError):
        weavelite.Dataset(rows=rows)


def test_datasets_and_pandas(client):
    """A DataFrame becomes a dataset and back, missing values as None."""
    pandas = pytest.importorskip("pandas", reason="pandas is an extra")
    frame = pandas.DataFrame({"a": [1, 2], "b": ["x", None]})
    dataset = weavelite.Dataset.from_pandas(frame)
    assert list(dataset) == [{"a": 1, "b": "x"}, {"a": 2, "b": None}]
    assert list(dataset.to_pandas().columns) == ["a", "b"]
    ref = weavelite.publish(dataset, "frame")
    assert list(ref.get()) == list(dataset)


def test_a_dataset_of_calls(client):
    """Calls become a dataset with their inputs and outputs as columns."""

    @weavelite.op
    def work(x):
        return x * 2

    work(1), work(2)
    dataset = weavelite.Dataset.from_calls(client.get_calls())
    assert [(row["inputs"], row["output"]) for row in dataset] == [({"x": 1}, 2), ({"x": 2}, 4)]
    assert len(weavelite.publish(dataset, "calls").get()) == 2


def test_what_is_not_there_is_said(client):
    """A name, a version or a path that is not there is said to be missing."""
    weavelite.publish({"a": 1}, "thing")
    for target in ("none", "thing:v7", "weave:///local/test/object/thing:latest/key/b"):
        with pytest.raises(NotFoundError):
            weavelite.get(target)


def test_names_are_needed(client):
    """A plain value is published under a name; a text that is no ref is refused."""
    with pytest.raises(InvalidNameError, match="needs a name"):
        weavelite.publish({"a": 1})
    with pytest.raises(InvalidNameError, match="is not a ref"):
        weavelite.ref("weave://bad")


def test_before_init_it_is_said_what_to_do():
    """What needs a project says to call init."""
    for ask in (
        lambda: weavelite.publish(1, "x"),
        lambda: weavelite.ref("x"),
        lambda: weavelite.get("x"),
    ):
        with pytest.raises(NotStartedError, match="init"):
            ask()
