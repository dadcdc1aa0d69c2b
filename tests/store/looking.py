"""The meaning of a query, by looking at each call; and calls that hold every sort of value."""

import math

import orjson

from weavelite.ids import uuid_of_bytes
from weavelite.records.words import SCORE
from weavelite.records.writes import CallWrite

PROJECT = "local/queries"
LONG = "lorem ipsum " * 60
VALUES = [None, True, False, 0, 1, 2, -1.5, 1.0, 2**63, 1e300, "", "1", "true", "a", "Ä", "ä b",
          LONG, LONG + "Ende", [], [1, "a"], {}, {"x": 1}, "with\x00nul", "\x7fmark",
          "needle", "Needle two", ["needle", "two\n"], {"needle": "two"}, 1e16]  # fmt: skip
KEYS = ["a", "a.b", 'quo"te', "back\\slash", "0", "", "\x7f", "ключ", "$", "'; DROP TABLE calls --"]
MODELS = [None, "gpt", "GPT-4"]


def spelled(*parts):
    return ".".join(part.replace("\\", "\\\\").replace(".", "\\.") for part in parts)


def body(number):
    """Every value at some key; every third body is large enough to be packed."""
    at = iter(range(number, number + 100))
    found = {key: VALUES[next(at) * 7 % len(VALUES)] for key in KEYS if (number + len(key)) % 4}
    found["nested"] = {"deep": [VALUES[number % len(VALUES)], {"x": VALUES[-number % len(VALUES)]}]}
    if number % 3 == 0:
        found["messages"] = [{"role": "user", "content": f"{LONG}{n}"} for n in range(number // 3)]
        found["same"] = {"kept": LONG, "once": [LONG, 1]}
    return found


def write(number):
    ended = number % 7 != 0
    rest = {"model": MODELS[number % 3], "attributes": body(number + 5),
            "thread_id": f"t{number % 2}", "summary": {"n": number, "text": LONG},
            "display_name": f"name {number % 4}",
            "turn_id": uuid_of_bytes((number % 5).to_bytes(16))}  # fmt: skip
    if number % 5 == 0:
        rest |= {
            "input_tokens": number,
            "exception": f"ValueError: {number}",
            "error": "ValueError",
        }
    output = [None, body(number), LONG * 2, [body(number)], number, True][number % 6]
    return CallWrite(
        id=number.to_bytes(16), trace_id=max(1, number // 4).to_bytes(16),
        span_id=number.to_bytes(8), parent_span=(number // 4).to_bytes(8) if number % 4 else None,
        op_key=number % 3 + 1, start_ns=number * 1_500_000_000,
        end_ns=number * 1_500_000_000 + (number * 37 % 11) * 10**6 if ended else None,
        failed=number % 5 == 0, inputs=orjson.dumps(body(number)).decode(),
        output=None if output is None else orjson.dumps(output).decode(),
        rest={key: value for key, value in rest.items() if value is not None}, fresh=True,
    )  # fmt: skip


def at(value, path):
    for step in path:
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isdigit():
            value = value[int(step)] if int(step) < len(value) else None
        else:
            return None
    return value


def plain(value):
    if isinstance(value, dict | list):
        return orjson.dumps(value).decode()
    return value


def of_feedback(call, kind, path):
    newest = sorted(call.feedback, key=lambda item: (item.created_us, item.id), reverse=True)
    for item in newest:
        if kind in ("*", item.type) and (found := at(item.payload, path)) is not None:
            return plain(found)
    return None


def read(call, field):
    root, *path = field
    if root in ("inputs", "output", "attributes", "summary"):
        return plain(at(getattr(call, root), path))
    if root == "feedback":
        return of_feedback(call, path[0], path[1:])
    latency = None if call.end_us is None else (call.end_us - call.start_us) / 1000
    started, ended = call.start_us / 1e6, None if call.end_us is None else call.end_us / 1e6
    return {"latency_ms": latency, "started_at": started, "ended_at": ended}.get(
        root, getattr(call, root, None)
    )


def kind_of(value):
    return bool if isinstance(value, bool) else str if isinstance(value, str) else float


def convert(value, to):
    if to == "exists":
        return value is not None
    if value is None:
        return None
    if to == "string":
        return value if isinstance(value, str) else orjson.dumps(value).decode()
    if to == "bool":
        known = {"true": True, "1": True, "false": False, "0": False}
        return known.get(value.lower()) if isinstance(value, str) else bool(value)
    try:
        number = float(value) if to == "double" or isinstance(value, float) else int(value)
    except ValueError:
        try:
            number = float(value)
        except ValueError:
            return None
    if not math.isfinite(number):
        return None
    whole = number if to == "double" else int(number)
    return whole if to == "double" or -(2**63) <= whole < 2**63 else None


def holds(call, tree):
    """Three-valued: True, False, or None where it is unknown."""
    ((name, operands),) = tree.items()
    match name:
        case "$and" | "$or":
            found = [holds(call, item) for item in operands]
            settled = name == "$or"
            return settled if settled in found else None if None in found else not settled
        case "$not":
            inside = holds(call, operands[0])
            return None if inside is None else not inside
        case "$in":
            value = value_of(call, operands[0])
            results = [equal(value, plain(item["$literal"])) for item in operands[1]]
            if not results and value is None:
                return None
            return True if True in results else None if None in results else False
        case "$contains":
            text, part = value_of(call, operands["input"]), value_of(call, operands["substr"])
            if not isinstance(text, str) or not isinstance(part, str):
                return None
            folded = operands.get("case_insensitive")
            return part.casefold() in text.casefold() if folded else part in text
        case "$literal" | "$getField" | "$convert":
            value = value_of(call, tree)
            return None if value is None else value is True
    left, right = (value_of(call, item) for item in operands)
    if name in ("$eq", "$ne"):
        if {"$literal": None} in operands:
            same = left is None and right is None
        else:
            same = None if left is None or right is None else equal(left, right)
        return same if name == "$eq" or same is None else not same
    if left is None or right is None or kind_of(left) is not kind_of(right):
        return None
    return {"$gt": left > right, "$gte": left >= right, "$lt": left < right, "$lte": left <= right}[
        name
    ]


def equal(left, right):
    if right is None:
        return left is None
    if left is None:
        return None
    return kind_of(left) is kind_of(right) and left == right


def value_of(call, tree):
    ((name, operand),) = tree.items()
    if name == "$literal":
        return plain(operand)
    if name == "$getField":
        return read(call, FIELDS[operand])
    if name == "$convert":
        return convert(value_of(call, operand["input"]), operand["to"])
    return holds(call, tree)


FIELDS = {name: (name,) for name in ("id", "trace_id", "parent_id", "op_name", "display_name",
          "status", "started_at", "ended_at", "latency_ms", "model", "input_tokens", "thread_id",
          "turn_id", "exception", "error")}  # fmt: skip
for root in ("inputs", "output", "attributes"):
    FIELDS |= {spelled(root, key): (root, key) for key in KEYS}
FIELDS |= {
    name: tuple(name.split("."))
    for name in ("inputs", "output", "output.a", "output.0.a", "output.nested.deep.0",
                 "output.same",
                 "inputs.nested.deep.0", "inputs.nested.deep.1.x", "inputs.nested.deep.9",
                 "inputs.messages.1.content", "inputs.messages", "inputs.same.kept.x",
                 "inputs.same.once.0", "summary.n", "summary.text", "attributes.same.once.1")
}  # fmt: skip
for scorer in ("judge", "other"):
    FIELDS[f"feedback.[{SCORE}{scorer}].payload.output"] = ("feedback", SCORE + scorer, "output")
FIELDS["feedback.[*].payload.output.x"] = ("feedback", "*", "output", "x")
KNOWN = [uuid_of_bytes(n.to_bytes(16)) for n in (1, 9)] + ["success", "op1", "gpt", "t1", 4.5, 6]
