"""Trace generators, async generators, and coroutines that run at once."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import weavelite as weave

POEM = "The fog comes on little cat feet"


@weave.op()
def words(text: str) -> Iterator[str]:
    # A stream is one call: it ends when its reader is done, and its output is the items.
    yield from text.split()


@weave.op()
async def letters(word: str) -> AsyncIterator[str]:
    for letter in word:
        await asyncio.sleep(0)
        yield letter


@weave.op()
async def spell(word: str) -> str:
    return "-".join([letter async for letter in letters(word)])


@weave.op()
async def spell_all(text: str) -> list[str]:
    # Each coroutine of gather keeps its own children, however they interleave.
    return list(await asyncio.gather(*(spell(word) for word in words(text))))


client = weave.init("examples")

print(asyncio.run(spell_all(POEM)))

# A reader may stop early: the call ends there, and keeps what was read.
for word in words(POEM):
    if word == "comes":
        break

newest = [{"field": "started_at", "direction": "desc"}]
stopped = client.get_calls(filter={"op_names": ["words"]}, sort_by=newest, limit=1)[0]
print("read before the break:", stopped.output)

root = client.get_calls(filter={"op_names": ["spell_all"]}, sort_by=newest, limit=1)[0]
print("below spell_all:", [child.op_name for child in root.children()])

print("See them with `weavelite ui`:", client.url("traces"))
weave.finish()
