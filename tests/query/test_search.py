"""The laws of the grammar of searches."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weavelite.errors import QueryError, SearchError
from weavelite.query import CallQuery, search_query
from weavelite.query.amounts import moment
from weavelite.query.keys import KEYS, PATHS
from weavelite.query.terms import RANGE, Atom, Choice, Term, read, write

NOW_NS = 1_767_268_800_000_000_000  # 2026-01-01T12:00Z
NOW = NOW_NS / 1e9

TEXTS = st.text(st.characters(codec="utf-8"), max_size=12)
PIECES = st.sampled_from([
    *(key.example for key in KEYS.values()), *PATHS.values(), *KEYS, "op:", "-", ":", '"', ",",
    "..", ">", "<=", "=", " ", "\\", "*", "\x00", "null", "true", "-1h", "2026-01-31", "1e999",
    "9999-12-31", "0001-01-01T00:00", "scores.", "inputs.a\\", "OR", "😀", "id:*", "has:scores.x",
    "feedback.[a].payload", "99999999999999999999d", "started:-", "latency:1s..",
])  # fmt: skip
SEARCHES = st.lists(st.one_of(PIECES, TEXTS), max_size=8).map("".join) | st.lists(
    st.one_of(PIECES, TEXTS), max_size=8
).map(" ".join)


def atoms():
    return st.builds(Atom, TEXTS, st.just(True)) | st.builds(
        Atom, st.from_regex(r"[\w*:/-]+", fullmatch=True)
    )


def terms():
    keys = st.from_regex(r"([a-z_]|\\[. :\\])+", fullmatch=True)
    plain = st.builds(Choice, atoms(), st.sampled_from(["", ">", ">=", "<", "<="]))
    ranges = st.builds(Choice, atoms(), st.just(RANGE), atoms() | st.none()) | st.builds(
        Choice, st.none(), st.just(RANGE), atoms()
    )
    choices = st.lists(plain | ranges, min_size=1, max_size=3).map(tuple)
    words = st.builds(Atom, TEXTS, st.just(True)) | st.builds(
        Atom, st.from_regex(r"[a-z][a-z.,*]*", fullmatch=True)
    )
    free = st.builds(Term, st.just(""), words.map(lambda atom: (Choice(atom),)), st.booleans())
    return st.lists(st.builds(Term, keys, choices, st.booleans()) | free, max_size=5)


@given(terms())
def test_what_is_written_is_read_again(wanted):
    """Terms that are written as a text are read as the same terms."""
    assert read(write(wanted)) == wanted


@given(SEARCHES)
def test_what_is_read_is_written_again(text):
    """A text that can be read is, written again, a text that says the same."""
    try:
        found = read(text)
    except SearchError:
        return
    assert read(write(found)) == found


@given(SEARCHES | st.text(max_size=40))
@settings(max_examples=500)
def test_any_text_is_a_query_or_an_explained_mistake(text):
    """Whatever is typed makes a query, or an error that points at a place of the text."""
    try:
        assert isinstance(search_query("p", text, now_ns=NOW_NS), CallQuery)
    except SearchError as error:
        assert 0 <= error.start <= error.end <= len(text)
        assert error.message and str(error.start + 1) in str(error)


@pytest.mark.parametrize(
    ("text", "start", "end", "said"),
    [
        ("latncy:>1", 0, 9, "Did you mean latency?"),
        ("a input.x:1", 2, 11, "Did you mean inputs.x?"),
        ("env:prod", 0, 8, "attributes.env"),
        ("op:a  status:eror", 6, 17, "Did you mean error?"),
        ("latency:soon", 0, 12, "latency:>2s"),
        ("tokens:>3s", 0, 10, "k or M"),
        ("started:yesterday", 0, 17, "started:-1h"),
        ('x op:"never', 5, 11, "never closed"),
        ("op:", 3, 3, "op:value"),
        ("status:error,", 13, 13, "needs a value"),
        ("a OR b", 2, 4, "a comma says or"),
        ("op:>a", 0, 5, "no order"),
        ("latency:>1..5", 10, 11, "takes no >"),
        ("latency:>>1", 9, 10, "One comparison"),
        ("cost:>0.01", 0, 10, "tokens:"),
        ("id:zz", 0, 5, "32 hexadecimal digits"),
        ("scores:>1", 0, 9, "scores.accuracy"),
        ('op:"a"b', 6, 7, "A term ends here"),
        ("http://host", 0, 11, "stands in quotes"),
        ("has:has", 0, 7, "another key"),
        (" ".join("a" * 501), 1000, 1001, "at most 500"),
        ("x" * 30_000, 20_000, 30_000, "at most 20,000"),
        ("a\ud800", 1, 2, "no text"),
    ],
)
def test_mistakes_name_the_place_and_the_remedy(text, start, end, said):
    """A mistake says where it is, what to do, and which key was meant."""
    with pytest.raises(QueryError) as caught:
        search_query("p", text, now_ns=NOW_NS)
    assert (caught.value.start, caught.value.end) == (start, end)
    assert said in str(caught.value)


def at(*parts):
    return datetime(*parts, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("text", "start", "lasts"),
    [
        ("-1h", NOW - 3600, 0),
        ("-1.5d", NOW - 129_600, 0),
        ("2026-01-31", at(2026, 1, 31), 86_400),
        ("2026-01-31T10:30", at(2026, 1, 31, 10, 30), 60),
        ("2026-01-31T10:30:05", at(2026, 1, 31, 10, 30, 5), 1),
        ("2026-01-31T10:30:05.25Z", at(2026, 1, 31, 10, 30, 5, 250_000), 0),
        ("2026-01-31T10:30+02:00", at(2026, 1, 31, 8, 30), 60),
    ],
)
def test_moments(text, start, lasts):
    """A time is as long as its last figure; without a zone it is of UTC; -1h is an hour ago."""
    assert moment(text, NOW) == (pytest.approx(start), lasts)


@pytest.mark.parametrize("text", ["", "-", "-1", "1h", "2026-13-01", "2026-01-31T25:00", "now"])
def test_other_texts_are_no_moments(text):
    """What is no time is none, and is not guessed at."""
    assert moment(text, NOW) is None


def test_a_facet_leaves_its_own_terms_out():
    """Without a key its terms, under any name of it, filter nothing; they are read all the same."""
    text = "op:a op_name:b status:error"
    query = search_query("p", text, now_ns=NOW_NS, without="op")
    assert query.where is None and query.statuses == ("error",)
    assert search_query("p", "scores.a.b:1", now_ns=NOW_NS, without="scores").where is None
