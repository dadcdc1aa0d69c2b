"""Records as a drain hands them to a store."""

from weavelite.records.writes import CallWrite


def call_write(number, **fields):
    """A root call of the op with key 1 that has ended, numbered so that it starts in order."""
    call = CallWrite(
        id=number.to_bytes(16),
        trace_id=number.to_bytes(16),
        span_id=number.to_bytes(8),
        parent_span=None,
        op_key=1,
        start_ns=number * 1000,
        end_ns=number * 1000 + 500,
        failed=False,
        inputs="{}",
        output=None,
        rest={},
        fresh=True,
    )
    return call._replace(**fields)
