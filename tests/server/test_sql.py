"""SQL over HTTP reads the documented views, and can do nothing else."""

import httpx
import pytest

import weavelite
from weavelite.errors import QueryError
from weavelite.store.selecting import select


@weavelite.op
def answer(question):
    return question.upper()


@pytest.fixture
def ask(client, server):
    for word in ("one", "two", "three"):
        answer(word)
    client.finish()

    def ask(query, **more):
        address = f"{server.url}/api/projects/local/test/sql"
        return httpx.post(address, json={"query": query, **more}, timeout=60)

    return ask


def test_rows_come_with_their_columns(ask):
    """Names of columns and values are those of the statement; `:project` is the project."""
    found = ask("select op, count(*) as n from calls_v1 where project = :project group by op")
    assert found.json()["columns"] == ["op", "n"]
    assert found.json()["rows"] == [["answer", 3]]


def test_more_rows_than_wanted_are_told(ask):
    """At most so many rows are read, and the answer says that there are more."""
    found = ask("select id from calls_v1", limit=2).json()
    assert (len(found["rows"]), found["more"]) == (2, True)
    found = ask("select id from calls_v1", limit=3).json()
    assert (len(found["rows"]), found["more"]) == (3, False)


def test_whole_numbers_stay_exact(ask):
    """What a browser would round is sent as text, and bytes as hexadecimal digits."""
    found = ask("select 9007199254740993, x'00ff', null, 1.5").json()
    assert found["rows"] == [["9007199254740993", "00ff", None, 1.5]]


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("select * from nowhere", "no such table: nowhere"),
        ("delete from calls", "readonly"),
        ("attach database '/tmp/other.db' as other", "not authorized"),
        ("select 1; select 2", "one statement"),
        ("", "views"),
    ],
)
def test_what_cannot_be_run_is_explained(ask, query, says):
    """An error is the answer, with the views that there are; nothing changes."""
    found = ask(query)
    if query:
        assert found.status_code == 400
        assert says in found.json()["error"]
    assert ask("select count(*) from calls_v1").json()["rows"] == [[3]]


def test_a_statement_that_never_ends_is_given_up(client, store_path):
    """After its time a statement ends with an error that says what to do."""
    answer("one")
    client.finish()
    endless = "with recursive n(i) as (select 1 union all select i + 1 from n) select max(i) from n"
    with pytest.raises(QueryError, match="longer than"):
        select(store_path, endless, seconds=0.2)


def test_the_views_are_listed_with_columns(client, server):
    """Who writes a statement learns which views and columns there are."""
    answer("one")
    client.finish()
    found = httpx.get(f"{server.url}/api/projects/local/test/sql").json()
    assert "latency_ms" in {v["name"]: v["columns"] for v in found["views"]}["calls_v1"]
    assert found["examples"]


def test_the_examples_are_of_the_project_of_the_page(client, server):
    """A query to begin with says nothing of other projects, and runs."""
    answer("one")
    client.finish()
    sql = f"{server.url}/api/projects/local/test/sql"
    for example in httpx.get(sql).json()["examples"]:
        assert "where project = :project" in example
        httpx.post(sql, json={"query": example}).raise_for_status()
