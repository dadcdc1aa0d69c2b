"""What the viewer asks of objects, and what it changes: labels, uses, lineage, rows."""

import asyncio
import json
import math
import random

import httpx
import pytest

import weavelite

from .asking import get, post


def publish(*values, name="thing"):
    refs = [weavelite.publish(value, name) for value in values]
    weavelite.get_client().flush()
    return refs


def test_labels_are_set_and_taken_away_and_remembered(api):
    """An alias moves, a tag comes and goes, and the history says where and in which order."""
    publish({"a": 1}, {"a": 2})
    for kind, label, version, is_set in (
        ("alias", "production", "v0", True), ("alias", "production", "v1", True),
        ("tag", "good", "v0", True), ("tag", "good", "v0", False),
        ("alias", "production", "v1", False),
    ):  # fmt: skip
        new = {"name": "thing", "kind": kind, "label": label, "version": version, "is_set": is_set}
        answer = post(api, "/labels", new)
    told = [(c["kind"], c["label"], c["is_set"], c["version"]) for c in answer["changes"]]
    assert told == [
        ("alias", "production", False, 1), ("tag", "good", False, 0), ("tag", "good", True, 0),
        ("alias", "production", True, 1), ("alias", "production", True, 0),
        ("alias", "latest", True, 1), ("alias", "latest", True, 0),
    ]  # fmt: skip
    assert get(api, "/labels", name="thing") == answer


def test_lists_say_where_labels_are(api):
    """An object in the list tells which versions its aliases and tags are on."""
    publish({"a": 1}, {"a": 2})
    for kind, label, version in (("alias", "best", "v0"), ("tag", "good", "v1")):
        post(api, "/labels", {"name": "thing", "kind": kind, "label": label, "version": version})
    (found,) = get(api, "/objects")["objects"]
    assert (found["aliases"], found["tags"]) == ({"best": 0}, {"good": 1})
    assert (found["versions"], found["version"]) == (2, 1)


@pytest.mark.parametrize(
    "wrong", [{"label": "v3"}, {"label": "latest"}, {"label": "a b"}, {"kind": "colour"}]
)
def test_wrong_labels_are_refused(api, wrong):
    """What cannot be an alias is said, and nothing is set."""
    publish({"a": 1})
    new = {"name": "thing", "kind": "alias", "label": "x", "version": "v0"} | wrong
    assert post(api, "/labels", new, 400)["error"]
    post(api, "/labels", {**new, "name": "other", "kind": "tag", "label": "x"}, 404)


class Speller(weavelite.Model):
    known: dict

    @weavelite.op
    def predict(self, word):
        return self.known.get(word, word)


@weavelite.op
def exact(right, output):
    return right == output


def evaluated(rows=3):
    model = Speller(name="speller", known={"a": "A"})
    dataset = weavelite.Dataset(
        name="words", rows=[{"word": f"w{n}", "right": "A"} for n in range(rows)]
    )
    evaluation = weavelite.Evaluation(name="spelling", dataset=dataset, scorers=[exact])
    asyncio.run(evaluation.evaluate(model))
    weavelite.get_client().flush()
    return model, dataset, evaluation


def test_uses_count_calls(api):
    """Calls of a model count as its uses, and those that were given a row as uses of a dataset."""
    model, dataset, evaluation = evaluated()
    assert get(api, "/uses", ref=str(model.ref))["calls"] == 1 + 3 + 3
    assert get(api, "/uses", ref=str(dataset.ref))["calls"] == 3
    uses = get(api, "/uses", ref=str(evaluation.ref))
    assert (uses["calls"] >= 1, uses["more"], uses["made_by"]) == (True, False, [])
    found = get(api, "/calls", q=f'ref:"{model.ref}" op:Speller.predict', trace_roots_only=False)
    assert len(found["calls"]) == 3
    named = get(api, "/calls", q="ref:speller op:Speller.predict", trace_roots_only=False)
    assert len(named["calls"]) == 3
    assert "once" in get(api, "/calls", 400, q="-ref:speller")["error"]


def test_what_made_an_object_is_found(api):
    """The call that gave an object back is what made it."""

    @weavelite.op
    def tune():
        found = Speller(name="tuned", known={})
        weavelite.publish(found)
        return found

    tuned = tune()
    weavelite.get_client().flush()
    (maker,) = get(api, "/uses", ref=str(tuned.ref))["made_by"]
    assert maker["op_name"] == "tune"


def test_lineage_goes_both_ways(api):
    """A dataset leads to its evaluation and the runs of it, and a run back to its model."""
    evaluated()
    dataset = get(api, "/objects/words/latest")
    ref = f"weave:///local/test/object/words:{dataset['digest']}"
    graph = get(api, "/lineage", ref=ref)
    kinds = {node["id"]: (node["kind"], node["name"]) for node in graph["nodes"]}
    edges = {(kinds[e["source"]][1], kinds[e["target"]][0]) for e in graph["edges"]}
    assert kinds[ref] == ("Dataset", "words")
    assert {("words", "Evaluation"), ("spelling", "run"), ("speller", "run")} <= edges
    assert graph["more"] == 0


def edit(api, name="words", expected=200, **parts):
    latest = get(api, f"/objects/{name}/latest")["digest"]
    return post(api, f"/datasets/{name}", {"base": latest, "latest": latest, **parts}, expected)


def rows_of(api, name="words"):
    table = get(api, f"/objects/{name}/latest")["table"]["digest"]
    base = str(api.base_url).split("/api/")[0]
    page = json.loads(httpx.get(f"{base}/api/tables/{table}/rows", params={"limit": 1000}).text)
    return [row["value"] for row in page["rows"]]


def test_edited_rows_are_what_the_sdk_would_publish(api):
    """After any edit, the version has the digest of a dataset of the same rows."""
    rows = [{"q": f"q{n}", "score": n / 2, "more": {"b": [1, None], "a": "ä"}} for n in range(9)]
    weavelite.publish(weavelite.Dataset(name="words", rows=rows))
    weavelite.get_client().flush()
    made = edit(
        api,
        cells={"0": {"q": '"new"'}, "2": {"score": "1"}, "3": {"score": "1.0", "more": "{}"}},
        deleted=[1, 8],
        added=[{"q": '"last"', "extra": "2"}],
        filled={"extra": "null"},
    )
    rows[0]["q"] = "new"
    rows[2]["score"] = 1
    rows[3] |= {"score": 1.0, "more": {}}
    kept = [{**row, "extra": None} for n, row in enumerate(rows) if n not in (1, 8)]
    expected = [*kept, {"q": "last", "extra": 2}]
    assert rows_of(api) == expected
    again = weavelite.publish(weavelite.Dataset(name="words", rows=expected))
    assert (made["digest"], made["version"]) == (again.digest, 1)


def test_edits_of_chance_keep_the_digests(api):
    """Whatever cells are set and rows deleted, the SDK's digest of the same rows is the same."""
    chance = random.Random(5)
    rows = [{"n": n, "x": chance.choice([0.5, 1, "t", None, True])} for n in range(2500)]
    weavelite.publish(weavelite.Dataset(name="words", rows=rows))
    weavelite.get_client().flush()
    for _ in range(3):
        cells = {n: {"x": chance.random()} for n in chance.sample(range(len(rows)), 40)}
        gone = set(chance.sample(range(len(rows)), 30))
        written = {str(n): {"x": json.dumps(row["x"])} for n, row in cells.items()}
        made = edit(api, cells=written, deleted=sorted(gone))
        rows = [row | cells.get(n, {}) for n, row in enumerate(rows) if n not in gone]
        again = weavelite.publish(weavelite.Dataset(name="words", rows=rows))
        assert made["digest"] == again.digest
        weavelite.get_client().flush()


def test_a_new_dataset_is_that_of_the_sdk(api):
    """Rows that are typed in make the dataset that the SDK would publish."""
    made = post(api, "/datasets/fresh", {"added": [{"a": "1"}, {"a": "NaN"}]})
    assert (made["version"], made["kind"]) == (0, "Dataset")
    again = weavelite.publish(weavelite.Dataset(name="fresh", rows=[{"a": 1}, {"a": math.nan}]))
    assert again.digest == made["digest"]
    assert "already" in post(api, "/datasets/fresh", {"added": [{"a": "1"}]}, 400)["error"]


def test_wrong_edits_say_what_is_wrong(api):
    """An edit that cannot be is refused whole: no version comes of it."""
    publish({"a": 1})
    weavelite.publish(weavelite.Dataset(name="words", rows=[{"a": 1}]))
    weavelite.get_client().flush()
    for said, parts in {
        "not JSON": {"cells": {"0": {"a": "tru"}}},
        "at least one row": {"deleted": [0]},
        "There is no row 7": {"cells": {"7": {"a": "1"}}},
        "is empty": {"added": [{}]},
        "has no name": {"added": [{" ": "1"}]},
        "another version by now": {"latest": "abcd", "added": [{"a": "2"}]},
    }.items():
        assert said in edit(api, expected=400, **parts)["error"]
    assert "no dataset" in edit(api, "thing", 400, added=[{"a": "1"}])["error"]
    assert len(get(api, "/objects/words")["versions"]) == 1


def test_rows_that_changed_are_told(api, server):
    """Of two versions, rows that were added, removed and changed are told with their values."""
    rows = [{"n": n} for n in range(6)]
    weavelite.publish(weavelite.Dataset(name="words", rows=rows))
    weavelite.get_client().flush()
    before = get(api, "/objects/words/latest")["table"]["digest"]
    edit(api, cells={"2": {"n": "20"}}, deleted=[4], added=[{"n": "9"}])
    after = get(api, "/objects/words/latest")["table"]["digest"]
    url = f"{server.url}/api/tables/{after}/changes"
    found = httpx.get(url, params={"since": before}).json()
    assert (found["added"], found["removed"], found["changed"], found["same"]) == (1, 1, 1, 4)
    told = [(row["kind"], row["before"], row["after"]) for row in found["rows"]]
    assert ("changed", {"n": 2}, {"n": 20}) in told
    assert ("removed", {"n": 4}, None) in told and ("added", None, {"n": 9}) in told


def test_versions_of_an_op_are_summed_up(api):
    """Each version of an op tells its calls and errors, and who calls it is counted."""

    def make(factor):
        @weavelite.op(name="times")
        def times(x):
            return x / factor

        return times

    @weavelite.op
    def outer(function):
        return function(1)

    outer(make(2))
    one = make(4)
    outer(one)
    with pytest.raises(TypeError):
        one("text")
    weavelite.get_client().flush()
    versions = get(api, "/op/activity", name="times")["versions"]
    assert sum(each["stats"]["count"] for each in versions) == 3
    assert sum(each["stats"]["errors"] for each in versions) == 1
    around = get(api, "/op/neighbours", name="times")
    assert around["callers"] == {"outer": 2}
    assert get(api, "/op/neighbours", name="outer")["callees"] == {"times": 2}
