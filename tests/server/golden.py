"""Writes what each captured payload is mapped to, to be read before it is committed.

`python -m tests.server.golden` writes the files anew; `git diff` then shows what a change of the
dialects changes.
"""

import json
from pathlib import Path

from weavelite.dialects.otlp import read_spans
from weavelite.dialects.spans import from_json

PAYLOADS = Path(__file__).parent / "payloads"
GOLDEN = PAYLOADS / "golden"


def mapped(name):
    """Maps a payload; returns its calls as plain values, children under their parents' names."""
    read = read_spans(from_json(json.loads((PAYLOADS / f"{name}.json").read_text())))
    assert not read.rejected
    ops = {op.key: op for op in read.batch.ops}
    names = {call.span_id: ops[call.op_key].name for call in read.batch.calls}
    return [_plain(call, ops[call.op_key], names) for call in read.batch.calls]


def _plain(call, op, names):
    rest = {key: value for key, value in call.rest.items() if key not in ("otel", "exception")}
    tokens = rest.pop("tokens", None)
    if tokens is not None:
        rest["tokens"] = {name: count for name, count in tokens._asdict().items() if count}
    return {
        "op": op.name,
        "kind": op.kind,
        "under": names.get(call.parent_span),
        "failed": call.failed,
        "inputs": json.loads(call.inputs),
        "output": None if call.output is None else json.loads(call.output),
        **rest,
    }


def names():
    """Lists the payloads."""
    return sorted(path.stem for path in PAYLOADS.glob("*.json"))


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for name in names():
        text = json.dumps(mapped(name), indent=1, ensure_ascii=False)
        (GOLDEN / f"{name}.json").write_text(text + "\n")
