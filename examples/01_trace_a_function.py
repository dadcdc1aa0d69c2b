"""Trace functions: calls that nest, a call that fails, attributes, and feedback."""

import weavelite as weave

PRICES = {"apple": 0.4, "pear": 0.6}


@weave.op()
def price_of(item: str) -> float:
    return PRICES[item]


@weave.op()
def total(basket: dict[str, int]) -> float:
    # Calls inside a call become its children; nothing is passed along by hand.
    return round(sum(price_of(item) * count for item, count in basket.items()), 2)


client = weave.init("examples")

print("a basket:", total({"apple": 3, "pear": 2}))

# Attributes are kept with every call inside the block.
with weave.attributes({"customer": "Ada", "channel": "shop"}):
    total({"apple": 1})

# A call that raises is kept with its exception, and the program gets the exception as ever.
try:
    total({"mango": 1})
except KeyError as error:
    print("no price:", error)

# What was traced can be read back, newest first ...
calls = client.get_calls(
    filter={"op_names": ["total"]},
    sort_by=[{"field": "started_at", "direction": "desc"}],
    limit=3,
)
for call in calls:
    print(call.status, call.inputs, "->", call.output, call.attributes)

# ... and judged. A call that has ended never changes: feedback is attached to it.
failed, with_attributes, first = calls
first.feedback.add_reaction("👍")
failed.feedback.add_note("Mangoes are missing from the price list.")
print("children of the first:", [child.inputs["item"] for child in first.children()])

print("See them with `weavelite ui`:", client.url("traces"))
weave.finish()
