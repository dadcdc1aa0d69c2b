"""How a call shows itself in a notebook: as HTML of escaped text, with nothing that runs."""

from html import escape
from itertools import islice
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from weavelite.trace.call import Call

MOST_CHARACTERS = 4_000
MOST_BELOW = 50
_QUIET = "opacity:.65"
_PRE = "margin:2px 0 6px;white-space:pre-wrap;overflow-wrap:anywhere;max-height:22em;overflow:auto"


def call_html(call: "Call") -> str:
    """Writes a call: what it is, its inputs, its output or exception, and the calls below it."""
    parts = [f"<div>{_head(call)}</div>", _value("Inputs", call.inputs)]
    if call.exception is not None:
        parts.append(_folded("Exception", call.exception, is_open=True))
    elif call.status == "success":
        parts.append(_value("Output", call.output))
    parts.append(_below(call))
    return f'<div style="line-height:1.5">{"".join(parts)}</div>'


def _head(call: "Call") -> str:
    name = escape(call.display_name or call.op_name)
    facts = [call.status if call.client is not None else "not traced", _duration(call)]
    if call.model is not None:
        facts.append(call.model)
    tokens = (call.input_tokens or 0) + (call.output_tokens or 0)
    if tokens:
        facts.append(f"{tokens:,} tokens")
    link = ""
    if call.client is not None:
        link = f' <a href="{escape(call.ui_url)}" target="_blank" rel="noopener">open</a>'
    said = escape(" · ".join(fact for fact in facts if fact))
    return f'<b>{name}</b> <span style="{_QUIET}">{said}</span>{link}'


def _duration(call: "Call") -> str:
    seconds = call.latency
    if seconds is None or not call.start_ns:  # nothing timed it
        return ""
    return f"{seconds * 1000:,.1f} ms" if seconds < 1 else f"{seconds:,.2f} s"


def _value(title: str, value: Any) -> str:
    if isinstance(value, str):
        return _folded(title, value, is_open=True)
    text = orjson.dumps(value, default=repr, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS)
    return _folded(title, text.decode(), is_open=True)


def _folded(title: str, text: str, *, is_open: bool) -> str:
    more = len(text) - MOST_CHARACTERS
    rest = f"\n… {more:,} characters more: see the viewer" if more > 0 else ""
    opened = " open" if is_open else ""
    body = escape(text[:MOST_CHARACTERS] + rest)
    shown = f'<pre style="{_PRE}">{body}</pre>'
    return f"<details{opened}><summary>{escape(title)}</summary>{shown}</details>"


def _below(call: "Call") -> str:
    if call.client is None or call.status == "running":
        return ""
    found = list(islice(call.children(), MOST_BELOW + 1))
    if not found:
        return ""
    items = "".join(f"<li>{_head(child)}</li>" for child in found[:MOST_BELOW])
    more = "<li>… more: see the viewer</li>" if len(found) > MOST_BELOW else ""
    count = f"{len(found):,}" if not more else f"more than {MOST_BELOW}"
    return f"<details><summary>Calls below: {count}</summary><ul>{items}{more}</ul></details>"
