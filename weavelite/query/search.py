"""The text of a search as a query of the store: the one grammar of viewer, CLI and API."""

import re
from collections.abc import Callable
from difflib import get_close_matches
from typing import Any

import weavelite.query.keys as keys
from weavelite.errors import QueryError, SearchError
from weavelite.query.amounts import moment, number
from weavelite.query.calls import CallQuery
from weavelite.query.expressions import Expression, Literal, Operation
from weavelite.query.fields import Field
from weavelite.query.keys import Key
from weavelite.query.terms import RANGE, Atom, Choice, Term, read
from weavelite.records.words import STATUSES
from weavelite.refs import SCHEME

_OPERATORS = {">": "$gt", ">=": "$gte", "<": "$lt", "<=": "$lte"}
_BOOLEANS: dict[str, bool] = {"true": True, "false": False}
_LISTS = {"id": "call_ids", "trace": "trace_ids", "parent": "parent_ids", "turn": "turn_ids",
          "thread": "thread_ids"}  # fmt: skip
ANYTHING = "*"


def search_query(
    project: str,
    text: str,
    *,
    now_ns: int,
    roots_only: bool = False,
    without: str | None = None,
    **page: Any,
) -> CallQuery:
    """Makes a query of the text of a search; raises QueryError that tells where it is wrong.

    Args:
        project: as in `CallQuery`.
        text: terms that must all hold, as `op:answer -status:error latency:>2s "free text"`.
        now_ns: what -1h is reckoned from.
        roots_only: leaves out calls inside a trace.
        without: a key whose terms are left out, so that a facet does not filter itself; they are
            read all the same. For paths it is the first part, as `scores`.
        page: `before`, `limit`, `sort` and the like of a `CallQuery`.

    """
    terms = read(text)
    made = _Made(project, now_ns / 1e9)
    for term in terms:
        if without is None or keys.key_of(term.key).split(".")[0] != without:
            made.add(term)
    return made.query(project=project, trace_roots_only=roots_only, **page)


class _Made:
    """Collects what terms ask for; what a list of a query says is not said by an expression."""

    def __init__(self, project: str, now: float) -> None:
        self._project = project
        self._now = now
        self._texts: list[str] = []
        self._lacking: list[str] = []
        self._lists: dict[str, Any] = {}
        self._statuses = set(STATUSES)
        self._where: list[Expression] = []

    def add(self, term: Term) -> None:
        """Adds a term; raises SearchError."""
        if not term.key:
            atom = term.choices[0].value
            if atom is not None and atom.text:
                (self._lacking if term.is_negated else self._texts).append(atom.text)
            return
        key = keys.find(term)
        if key.kind == keys.STATUS:
            self._of_status(term)
        elif key.kind == keys.REF:
            self._of_refs(term)
        elif not self._as_list(term):
            found = [self._condition(term, key, choice) for choice in term.choices]
            self._hold(found, term.is_negated)

    def query(self, **others: Any) -> CallQuery:
        """Makes the query; the statuses are named only where some are not wanted."""
        where = list(self._where)
        if not self._statuses:
            where.append(Literal(False))
        some = 0 < len(self._statuses) < len(STATUSES)
        return CallQuery(
            texts=tuple(self._texts),
            lacking=tuple(self._lacking),
            statuses=tuple(status for status in STATUSES if some and status in self._statuses),
            where=Operation("$and", tuple(where)) if where else None,
            **self._lists,
            **others,
        )

    def _hold(self, found: list[list[Expression]], is_negated: bool) -> None:
        """Wants one of some conditions, each of which is terms that must all hold, or none."""
        if len(found) == 1 and not is_negated:
            self._where += found[0]  # so that bounds of time are seen as such
            return
        each = [parts[0] if len(parts) == 1 else Operation("$and", tuple(parts)) for parts in found]
        either = each[0] if len(each) == 1 else Operation("$or", tuple(each))
        self._where.append(Operation("$untrue", (either,)) if is_negated else either)

    def _of_status(self, term: Term) -> None:
        named = set()
        for choice in term.choices:
            text = _plain(term, choice)
            if text not in STATUSES:
                near = get_close_matches(text, STATUSES, 1)
                hint = f" Did you mean {near[0]}?" if near else ""
                raise term.error(
                    f"{text!r} is not a status.{hint} Statuses are {', '.join(STATUSES)}."
                )
            named.add(text)
        self._statuses = self._statuses - named if term.is_negated else self._statuses & named

    def _of_refs(self, term: Term) -> None:
        """Wants a ref in the inputs: given whole, or as an object of the project."""
        if term.is_negated or "input_refs" in self._lists:
            raise term.error("ref: can be asked for once, not for its lack: write ref:a,b for any.")
        refs = (_plain(term, choice) for choice in term.choices)
        self._lists["input_refs"] = tuple(_ref(self._project, text) for text in refs)

    def _as_list(self, term: Term) -> bool:
        """Takes a term as a list of ids or threads, which has an index; False if it is none."""
        name = _LISTS.get(keys.key_of(term.key))
        if name is None:
            return False
        values: Any = tuple(_plain(term, choice) for choice in term.choices)
        if term.is_negated or name in self._lists or any(_has_wildcard(c) for c in term.choices):
            return False
        if name != "thread_ids":
            _checked(term, lambda: CallQuery(project="any", **{name: values}))
        self._lists[name] = values
        return True

    def _condition(self, term: Term, key: Key, choice: Choice) -> list[Expression]:
        """Writes one choice as conditions that must all hold."""
        match key.kind:
            case keys.NUMBER:
                return _compared(key.field, choice, lambda atom: _number(term, key, atom))
            case keys.TIME:
                return self._timed(term, key, choice)
            case keys.HAS:
                return [_has(term, _plain(term, choice))]
            case keys.PART:
                return [_part(term, key, choice)]
            case keys.TEXT:
                return [_text(term, key, choice)]
        return _json(term, key, choice)

    def _timed(self, term: Term, key: Key, choice: Choice) -> list[Expression]:
        value, until = (self._moment(term, key, atom) for atom in (choice.value, choice.until))
        pairs: list[tuple[str, float | None]] = []
        if choice.how == RANGE:
            last = until and (until.end if until.lasts > 3600 else until.start)
            pairs = [("$gte", value and value.start), ("$lt", last)]
        elif value is None or choice.how == "":
            since = choice.value is not None and choice.value.text.startswith("-")
            end = None if since or value is None else value.end
            pairs = [
                ("$gte", value and value.start),
                ("$lt" if value and value.lasts else "$lte", end),
            ]
        else:
            bound = value.end if choice.how in (">", "<=") else value.start
            way = {">": "$gte", "<=": "$lt"}.get(choice.how) if value.lasts else None
            pairs = [(way or _OPERATORS[choice.how], bound)]
        return [Operation(way, (key.field, Literal(at))) for way, at in pairs if at is not None]

    def _moment(self, term: Term, key: Key, atom: Atom | None) -> Any:
        if atom is None:
            return None
        found = moment(atom.text, self._now)
        if found is None:
            name = keys.key_of(term.key)
            raise term.error(
                f"{atom.text!r} is not a time: write {name}:-1h (or m, d, w), {name}:2026-01-31,"
                f" {name}:>=2026-01-31T12:00Z or {name}:2026-01-01..2026-01-31."
            )
        return found


def _compared(field: Expression, choice: Choice, read: Callable[[Atom], Any]) -> list[Expression]:
    """Compares a field with a number, or with both ends of a range, which belong to it."""
    if choice.how == RANGE:
        ends = (("$gte", choice.value), ("$lte", choice.until))
        return [Operation(way, (field, Literal(read(at)))) for way, at in ends if at is not None]
    assert choice.value is not None  # only ranges have open ends
    value = Literal(read(choice.value))
    if choice.how:
        return [Operation(_OPERATORS[choice.how], (field, value))]
    return [Operation("$in", (field, value))]


def _number(term: Term, key: Key, atom: Atom) -> float | int:
    found = key.read(atom.text) if key.read is not None else number(atom.text)
    if found is None:
        unit = {"latency": " of us, ms, s, m, h or d", "feedback": ""}.get(
            key.field.root, ", k or M"
        )
        raise term.error(f"{atom.text!r} is not a number{unit}: write {key.example}.")
    return found


def _plain(term: Term, choice: Choice) -> str:
    """Returns a value that can only be equal to something."""
    if choice.how or choice.value is None:
        name = keys.key_of(term.key)
        example = keys.find_name(term, name).example
        raise term.error(
            f"{name}: has no order, so no {choice.how}: write {example}, or quote the value."
        )
    return choice.value.text


def _ref(project: str, text: str) -> str:
    """Completes `name:digest` to an object of the project; a name alone is any version of it."""
    if text.startswith(SCHEME):
        return text
    name, _, version = text.partition(":")
    return f"{SCHEME}{project}/object/{name}:{version or ANYTHING}"


def _has_wildcard(choice: Choice) -> bool:
    return choice.value is not None and not choice.value.is_quoted and ANYTHING in choice.value.text


def _text(term: Term, key: Key, choice: Choice) -> Expression:
    text = _plain(term, choice)
    if _has_wildcard(choice):
        return Operation("$glob", (key.field, Literal(_pattern(text))))
    named = Operation("$in", (key.field, Literal(text)))
    if key.field.root == "op_name" and ":" in text:  # a name, or a name with a digest
        return Operation("$or", (named, Operation("$in", (Field("op_version"), Literal(text)))))
    return named


def _part(term: Term, key: Key, choice: Choice) -> Expression:
    """Looks for a part of a text, in either case; stars at its ends say no more."""
    text = _plain(term, choice)
    part = text.strip(ANYTHING) if _has_wildcard(choice) else text
    return Operation("$contains", (key.field, Literal(part)), "fold")


def _pattern(text: str) -> str:
    """Writes a text with stars as SQLite's GLOB reads it."""
    return re.sub(r"([?\[])", r"[\1]", text)


def _json(term: Term, key: Key, choice: Choice) -> list[Expression]:
    """Compares what JSON holds: 5 is the number and the text, "5" the text only."""
    if choice.how:
        return _ordered(term, key, choice)
    atom = choice.value
    assert atom is not None  # only ranges have open ends
    if _has_wildcard(choice):
        return [Operation("$glob", (key.field, Literal(_pattern(atom.text))))]
    values: list[Any] = [atom.text]
    if not atom.is_quoted:
        figure = number(atom.text)
        values += [figure] if figure is not None else []
        values += [_BOOLEANS[atom.text]] if atom.text in _BOOLEANS else []
        values += [None] if atom.text == "null" else []
        if key.kind == keys.SCORED and figure in (0, 1):
            values.append(bool(figure))
    return [Operation("$in", (key.field, *map(Literal, values)))]


def _ordered(term: Term, key: Key, choice: Choice) -> list[Expression]:
    """Compares the order of what JSON holds: of numbers, or of texts."""
    if key.kind == keys.SCORED:  # of a judgement that is yes or no, yes is 1
        figure = Operation("$convert", (key.field,), "double")
        return _compared(figure, choice, lambda atom: _number(term, key, atom))
    ends = [atom for atom in (choice.value, choice.until) if atom is not None]
    if all(not atom.is_quoted and number(atom.text) is not None for atom in ends):
        return _compared(key.field, choice, lambda atom: number(atom.text))
    return _compared(key.field, choice, lambda atom: atom.text)


def _has(term: Term, name: str) -> Expression:
    key = keys.find_name(term, keys.key_of(name))
    if key.kind == keys.HAS:
        raise term.error(
            "has: needs another key: write has:error, has:output or has:scores.accuracy."
        )
    return Operation("$convert", (key.field,), "exists")


def _checked(term: Term, make: Callable[[], object]) -> None:
    try:
        make()
    except SearchError:
        raise
    except QueryError as error:
        raise term.error(str(error)) from None
