"""Evaluate two versions of a model without any language model: rules that write plurals."""

import asyncio
from difflib import SequenceMatcher

import weavelite as weave

ROWS = [
    {"word": "cat", "plural": "cats"},
    {"word": "box", "plural": "boxes"},
    {"word": "city", "plural": "cities"},
    {"word": "day", "plural": "days"},
    {"word": "child", "plural": "children"},
]

FEW_RULES = [("x", "xes")]
MORE_RULES = [("x", "xes"), ("ay", "ays"), ("y", "ies")]


class Pluralizer(weave.Model):
    """Writes plurals by the first rule whose ending fits; its fields are part of its version."""

    rules: list[tuple[str, str]]

    @weave.op()
    def predict(self, word: str) -> str:
        """Writes the plural of a word."""
        for ending, replacement in self.rules:
            if word.endswith(ending):
                return word.removesuffix(ending) + replacement
        return word + "s"


# A scorer gets the model's output, and the columns of the row that it names.
@weave.op()
def exact(plural: str, output: str) -> bool:
    return output == plural


@weave.op()
def similarity(plural: str, output: str) -> float:
    return SequenceMatcher(None, plural, output).ratio()


client = weave.init("examples")
evaluation = weave.Evaluation(
    name="plurals",
    dataset=weave.Dataset(name="words", rows=ROWS),
    scorers=[exact, similarity],
)

for rules in (FEW_RULES, MORE_RULES):
    summary = asyncio.run(evaluation.evaluate(Pluralizer(name="pluralizer", rules=rules)))
    print(f"with {len(rules)} rules: {summary['exact']['true_count']} of {len(ROWS)} right")

# Other fields are another version: both can be read back.
print("the first version had:", weave.ref("pluralizer:v0").get().rules)
print("the newest has:", weave.ref("pluralizer:latest").get().rules)

print("Compare them with `weavelite ui`:", client.url("evaluations"))
weave.finish()
