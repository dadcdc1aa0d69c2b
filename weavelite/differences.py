"""Where two texts and two traces differ; pure."""

import re
from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any, Literal

import orjson

Change = tuple[Literal["same", "removed", "added"], str]
_WORDS = re.compile(r"\w+|\s+|[^\w\s]")
_MOST_WORDS = 4000
"""Longer texts are compared line by line: it takes the square of their length."""


def word_changes(before: str, after: str) -> list[Change]:
    """Lists what is the same, was removed and was added, word by word, in the order of the text."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    if len(old) + len(new) > _MOST_WORDS:
        old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    found: list[Change] = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            found.append(("same", "".join(old[a:b])))
            continue
        found += [("removed", "".join(old[a:b]))] if b > a else []
        found += [("added", "".join(new[c:d]))] if d > c else []
    return found


@dataclass(slots=True, kw_only=True)
class Node:
    """Is a call in its trace; times say which siblings ran after each other."""

    id: str
    name: str
    inputs: Any = None
    output: Any = None
    error: str | None = None
    start_us: int = 0
    end_us: int | None = None
    children: list["Node"] = field(default_factory=list)

    def walk(self) -> Iterator["Node"]:
        """Yields the call and all below it."""
        yield self
        for child in self.children:
            yield from child.walk()


What = Literal["op", "inputs", "calls", "order", "output", "error"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Divergence:
    """Is the first thing that differs: of which call, what, and by which ops one gets there.

    Of "calls" one of the two may be missing: only one trace has the call. Of "order" the two are a
    call that comes earlier in the first trace than in the second.
    """

    what: What
    path: list[str]
    before: Node | None
    after: Node | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceDifference:
    """Is how two traces compare; `same` counts calls with equal inputs, outputs and errors."""

    first: Divergence | None
    same: int
    before: int
    after: int

    @property
    def is_same(self) -> bool:
        """Tells whether nothing differs."""
        return self.first is None


def compare_traces(before: Node, after: Node) -> TraceDifference:
    """Aligns two traces by ops and order, and finds the first call that diverges.

    A call is compared when it begins (inputs), then the calls below it, then when it ends (output,
    error). Siblings that ran at the same time in either trace may be in any order.
    """
    digests: dict[int, Hashable] = {}
    return TraceDifference(
        first=_first(before, after, [], digests),
        same=_count_same(before, after, digests),
        before=sum(1 for _ in before.walk()),
        after=sum(1 for _ in after.walk()),
    )


def _said(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS, default=str)


def _digest(node: Node, known: dict[int, Hashable]) -> Hashable:
    """Is equal for calls that are equal with all below them, in whatever order siblings ran."""
    found = known.get(id(node))
    if found is None:
        below = sorted(hash(_digest(child, known)) for child in node.children)
        found = known[id(node)] = (node.name, *_own(node), tuple(below))
    return found


def _own(node: Node) -> tuple[bytes, bytes, str | None]:
    return _said(node.inputs), _said(node.output), node.error


Pair = tuple[Node | None, Node | None]


def _aligned(before: Node, after: Node, known: dict[int, Hashable]) -> list[Pair]:
    """Pairs the calls below two calls: equal ones first, then by op and order."""
    place = {id(child): at for node in (before, after) for at, child in enumerate(node.children)}
    waiting: dict[Hashable, list[Node]] = defaultdict(list)
    pairs: list[Pair] = []
    left, right = list(before.children), list(after.children)
    for key in (lambda node: _digest(node, known), lambda node: node.name):
        waiting.clear()
        for child in right:
            waiting[key(child)].append(child)
        rest = []
        for child in left:
            twins = waiting[key(child)]
            if twins:
                pairs.append((child, twins.pop(0)))
            else:
                rest.append(child)
        left, right = rest, [child for twins in waiting.values() for child in twins]
        right.sort(key=lambda child: place[id(child)])
    pairs += [(child, None) for child in left] + [(None, child) for child in right]
    return sorted(pairs, key=lambda pair: _rank(pair, place))


def _rank(pair: Pair, place: dict[int, int]) -> tuple[int, int]:
    places = [place[id(node)] for node in pair if node is not None]
    return min(places), -len(places)


def _first(
    before: Node, after: Node, path: list[str], known: dict[int, Hashable]
) -> Divergence | None:
    here = [*path, before.name]

    def diverges(what: What, one: Node | None = before, other: Node | None = after) -> Divergence:
        return Divergence(what=what, path=here, before=one, after=other)

    if before.name != after.name:
        return diverges("op")
    if _digest(before, known) == _digest(after, known) and not _turned(before, after, known):
        return next(_below(before, after, here, known), None)
    if _said(before.inputs) != _said(after.inputs):
        return diverges("inputs")
    for found in _below(before, after, here, known):
        return found
    if _said(before.output) != _said(after.output):
        return diverges("output")
    if before.error != after.error:
        return diverges("error")
    turned = _turned(before, after, known)
    return diverges("order", *turned) if turned else None


def _below(
    before: Node, after: Node, path: list[str], known: dict[int, Hashable]
) -> Iterator[Divergence]:
    pairs = _aligned(before, after, known)
    for at, (one, other) in enumerate(pairs):
        if one is not None and other is not None:
            found = _first(one, other, path, known)
            if found is not None:
                yield found
            continue
        beside = pairs[at + 1] if at + 1 < len(pairs) else (None, None)
        if (one is None) != (beside[0] is None) and (other is None) != (beside[1] is None):
            one, other = one or beside[0], other or beside[1]  # one in the place of another
        yield Divergence(what="calls", path=path, before=one, after=other)


def _turned(before: Node, after: Node, known: dict[int, Hashable]) -> tuple[Node, Node] | None:
    """Finds two siblings that ran one after the other in both traces, but not in the same order."""
    aligned = _aligned(before, after, known)
    whole = [(one, other) for one, other in aligned if one is not None and other is not None]
    ended = sorted((one.end_us, other.start_us, at) for at, (one, other) in enumerate(whole)
                   if one.end_us is not None)  # fmt: skip
    passed, latest = 0, (-1, -1)
    for one, other in sorted(whole, key=lambda pair: pair[0].start_us):
        while passed < len(ended) and ended[passed][0] <= one.start_us:
            latest = max(latest, ended[passed][1:])
            passed += 1
        if other.end_us is not None and latest[1] >= 0 and other.end_us <= latest[0]:
            earlier = whole[latest[1]]
            if earlier[0] is not one:
                return earlier[0], other
    return None


def _count_same(before: Node, after: Node, known: dict[int, Hashable]) -> int:
    here = before.name == after.name and _own(before) == _own(after)
    below = (
        _count_same(one, other, known)
        for one, other in _aligned(before, after, known)
        if one is not None and other is not None
    )
    return int(here) + sum(below)


def tree_of(calls: Sequence[Node], parents: dict[str, str | None]) -> Node:
    """Puts the calls of a trace together; several roots get one above them, `trace`."""
    by_id = {call.id: call for call in calls}
    roots: list[Node] = []
    for call in sorted(calls, key=lambda call: (call.start_us, call.id)):
        parent = by_id.get(parents.get(call.id) or "")
        (roots if parent is None else parent.children).append(call)
    return roots[0] if len(roots) == 1 else Node(id="", name="trace", children=roots)
