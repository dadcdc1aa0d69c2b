r"""The text of a search as terms, and back: `op:answer -status:error latency:1s..5s "free text"`.

A term is a word or a quoted text, which is looked for everywhere, or a key, a colon and choices
with commas between them, of which one must hold. A minus in front turns a term round. In quotes
stands what has spaces, commas or quotes in it; there `\"` is a quote and `\\` a backslash.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from weavelite.errors import SearchError

LONGEST = 20_000
MOST = 500
"""How many values a search may have; SQLite has its limits, and a search with more is a bug."""
WORDS_OF_LOGIC = ("OR", "AND", "NOT")
RANGE = ".."
COMPARISONS = (">=", "<=", ">", "<", "=")
_HOW = {how: how for how in COMPARISONS} | {"=": ""}

_SPACE = re.compile(r"\s*")
_KEY = re.compile(r'(-?)((?:[^\s:"\\]|\\.)+):', re.DOTALL)
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_WORD = re.compile(r'[^\s"]+')
_BARE = re.compile(r'(?:(?!\.\.)[^\s",])+')
_COMPARISON = re.compile("|".join(COMPARISONS))
_TO_QUOTE = re.compile(r'[\s",]|\.\.|^$|^[<>=]')


@dataclass(frozen=True, slots=True)
class Atom:
    """Is a value as it was written; in quotes it is a text, whatever it looks like."""

    text: str
    is_quoted: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """Is one of the values of a term: `how` is a comparison, `..` or nothing."""

    value: Atom | None
    how: str = ""
    until: Atom | None = None


@dataclass(frozen=True, slots=True)
class Term:
    """Is a part of a search; a text that is looked for everywhere has no key.

    It stands from `start` to `end` of the search.
    """

    key: str
    choices: tuple[Choice, ...]
    is_negated: bool = False
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)

    def error(self, message: str) -> SearchError:
        """Makes an error that points at this term."""
        return SearchError(message, self.start, self.end)


def read(text: str) -> list[Term]:
    """Reads a search; raises SearchError."""
    if len(text) > LONGEST:
        raise SearchError(
            f"A search has at most {LONGEST:,} characters, and this one {len(text):,}: shorten it.",
            LONGEST,
            len(text),
        )
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise SearchError("This is no text: take the character out.", error.start, error.end) from (
            None
        )
    return _Reader(text).terms()


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def terms(self) -> list[Term]:
        found: list[Term] = []
        while self._skip(_SPACE) is not None and self._at < len(self._text):
            found.append(self._term())
            if sum(len(term.choices) for term in found) > MOST:
                raise found[-1].error(f"A search names at most {MOST} values: ask in parts.")
        return found

    def _term(self) -> Term:
        start = self._at
        if key := self._skip(_KEY):
            choices = [self._choice(key[2])]
            while self._text.startswith(",", self._at):
                self._at += 1
                choices.append(self._choice(key[2]))
            self._end_of_term()
            return Term(key[2], tuple(choices), bool(key[1]), start, self._at)
        is_negated = self._text.startswith('-"', self._at)
        self._at += is_negated
        if self._text.startswith('"', self._at):
            value = self._quoted()
        else:
            word = self._skip(_WORD)
            assert word is not None  # neither a space nor a quote is here
            self._no_logic(word[0], start)
            is_negated = word[0].startswith("-") and len(word[0]) > 1
            value = Atom(word[0][is_negated:])
        self._end_of_term()
        return Term("", (Choice(value),), is_negated, start, self._at)

    def _choice(self, key: str) -> Choice:
        comparison = self._skip(_COMPARISON)
        value = self._atom()
        has_until = self._text.startswith(RANGE, self._at)
        if comparison and has_until:
            raise self._error(
                f"A range takes no {comparison[0]}: write {key}:1..5, or {key}:{comparison[0]}1."
            )
        if has_until:
            self._at += len(RANGE)
            until = self._atom()
            if value is None and until is None:
                raise self._error(
                    f"A range needs an end: write {key}:1..5, {key}:1.. or {key}:..5."
                )
            return Choice(value, RANGE, until)
        if value is None:
            raise self._error(f'{key}: needs a value here: write {key}:value, or {key}:"a value".')
        return Choice(value, _HOW.get(comparison[0], "") if comparison else "")

    def _atom(self) -> Atom | None:
        if self._text.startswith('"', self._at):
            return self._quoted()
        if self._text.startswith(COMPARISONS, self._at):
            raise self._error("One comparison is enough: a value that starts so stands in quotes.")
        found = self._skip(_BARE)
        return Atom(found[0]) if found else None

    def _quoted(self) -> Atom:
        start = self._at
        found = self._skip(_QUOTED)
        if found is None:
            raise SearchError(
                'This quote is never closed: put a " at its end, or \\" where it is meant as one.',
                start,
                len(self._text),
            )
        return Atom(re.sub(r'\\(["\\])', r"\1", found[1]), True)

    def _end_of_term(self) -> None:
        if self._at < len(self._text) and not self._text[self._at].isspace():
            raise self._error("A term ends here: put a space, or the whole value in quotes.")

    def _no_logic(self, word: str, start: int) -> None:
        if word in WORDS_OF_LOGIC:
            raise SearchError(
                f"{word} is not understood: all terms must hold, a comma says or"
                " (status:error,running), a minus says not (-op:search). Text stands in quotes.",
                start,
                self._at,
            )

    def _error(self, message: str) -> SearchError:
        return SearchError(message, self._at, min(self._at + 1, len(self._text)))

    def _skip(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.match(self._text, self._at)
        self._at = found.end() if found else self._at
        return found


def write(terms: Iterable[Term]) -> str:
    """Writes terms as the text that `read` reads as them."""
    return " ".join(map(_written, terms))


def _written(term: Term) -> str:
    minus = "-" if term.is_negated else ""
    if term.key:
        return f"{minus}{term.key}:{','.join(map(_of_choice, term.choices))}"
    atom = term.choices[0].value or Atom("")
    return minus + (_in_quotes(atom.text) if atom.is_quoted else atom.text)


def _of_choice(choice: Choice) -> str:
    value, until = _of_atom(choice.value), _of_atom(choice.until)
    return f"{value}{RANGE}{until}" if choice.how == RANGE else f"{choice.how}{value}"


def _of_atom(atom: Atom | None) -> str:
    if atom is None:
        return ""
    if not atom.is_quoted and not _TO_QUOTE.search(atom.text):
        return atom.text
    return _in_quotes(atom.text)


def _in_quotes(text: str) -> str:
    return '"' + re.sub(r'(["\\])', r"\\\1", text) + '"'
