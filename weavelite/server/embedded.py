"""Images, sounds and files that stand as base64 in the messages of spans: kept once, by digest."""

from weavelite.ids import digest as digest_of
from weavelite.records.writes import Batch, CallWrite
from weavelite.serialize.embedded import EMBEDDED_FROM, lift
from weavelite.serialize.tags import Keep, Sink


def keep_content(batch: Batch) -> None:
    """Takes content out of the bodies of calls, to be stored beside them."""

    def keep(data: bytes) -> str:
        digest = digest_of(data)
        batch.files.append((digest, data))
        return digest

    batch.calls = [
        _lifted(call, keep) if len(call.inputs) + len(call.output or "") >= EMBEDDED_FROM else call
        for call in batch.calls
    ]


def _lifted(call: CallWrite, keep: Keep) -> CallWrite:
    output = call.output
    return call._replace(
        inputs=lift(call.inputs.encode(), Sink(keep)).decode(),
        output=None if output is None else lift(output.encode(), Sink(keep)).decode(),
    )
