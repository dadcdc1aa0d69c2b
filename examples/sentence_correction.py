"""Compare two prompts for correcting sentences: a plain instruction, and one with two examples.

Two models that differ in their prompt only answer the same sentences, written by hand, through the
real openai client. Three scorers judge the answers, and the results are shown by kind of error:

    python examples/sentence_correction.py
"""

from __future__ import annotations

import asyncio
import functools
import json
import os
from collections import Counter, defaultdict
from pathlib import Path
from statistics import mean
from typing import Any

import openai
from local_model import LOCAL_NAME, local_model
from rapidfuzz.distance import Levenshtein
from rich.console import Console
from rich.table import Table

import weavelite as weave
from weavelite.trace.client import Client

PROJECT = "sentence-correction"
ROWS = Path(__file__).with_name("corrections.jsonl")

INSTRUCTION = [
    {
        "role": "user",
        "content": "Correct the grammar of this sentence. Reply with only the corrected sentence."
        "\n\n{sentence}",
    }
]
TWO_EXAMPLES = [
    {
        "role": "system",
        "content": "You correct English sentences. Reply with the corrected sentence and nothing "
        "else. A sentence that is right stays as it is.",
    },
    {"role": "user", "content": "Him and his wife lives in a old house near from the sea."},
    {"role": "assistant", "content": "He and his wife live in an old house near the sea."},
    {"role": "user", "content": "The train leaves at ten."},
    {"role": "assistant", "content": "The train leaves at ten."},
    {"role": "user", "content": "{sentence}"},
]


class SentenceCorrector(weave.Model):
    """Corrects a sentence by asking a chat model; a new value of any field is a new version."""

    prompt: list[dict[str, str]]
    llm: str
    temperature: float = 0.0
    seed: int = 7
    max_tokens: int = 64

    @weave.op()
    def predict(self, sentence: str) -> str:
        """Returns the corrected sentence."""
        messages: Any = [
            {**message, "content": message["content"].replace("{sentence}", sentence)}
            for message in self.prompt
        ]
        reply = openai_client().chat.completions.create(
            model=self.llm,
            messages=messages,
            temperature=self.temperature,
            seed=self.seed,
            max_tokens=self.max_tokens,
        )
        return (reply.choices[0].message.content or "").strip()


@functools.cache
def openai_client() -> openai.OpenAI:
    """Returns the client of the endpoint that OPENAI_BASE_URL and OPENAI_API_KEY name."""
    return openai.OpenAI()


@weave.op()
def exact_match(correction: str, output: str) -> bool:
    """Tells whether the answer is the correction, letter for letter."""
    return output.strip() == correction


@weave.op()
def edit_similarity(correction: str, output: str) -> float:
    """Returns 1 for the correction itself, and less for each letter that has to be changed."""
    return Levenshtein.normalized_similarity(output.strip(), correction)


@weave.op()
def restraint(sentence: str, correction: str, output: str) -> dict[str, bool | float]:
    """Tells how much of what was right already is still there, and whether nothing was added."""
    before, after, answer = sentence.split(), correction.split(), output.split()
    right_already = Counter(before) & Counter(after)
    return {
        "kept": (right_already & Counter(answer)).total() / right_already.total(),
        "nothing_added": len(answer) <= max(len(before), len(after)),
    }


Scores = dict[str, dict[str, Any]]


def cells_of(client: Client, run: weave.Call) -> dict[str, Scores]:
    """Reads a run back from the store: the scores of each row by kind of error and id."""
    cells: dict[str, Scores] = defaultdict(dict)
    cell_ops = {"parent_ids": [run.id], "op_names": ["Evaluation.predict_and_score"]}
    for cell in client.get_calls(filter=cell_ops):
        row = weave.get(cell.inputs["example"])
        cells[row["kind"]][row["id"]] = cells["all"][row["id"]] = cell.output["scores"]
    return {**{kind: cells[kind] for kind in cells if kind != "all"}, "all": cells["all"]}


def print_by_kind(names: list[str], runs: list[dict[str, Scores]]) -> None:
    """Prints the exact answers and the mean similarity of two runs by kind of error."""
    table = Table(title=f"By kind of error: {names[0]} → {names[1]}", title_justify="left")
    for column in ("kind", "rows", "exact match", "", "edit similarity", ""):
        table.add_column(column, justify="left" if column == "kind" else "right")
    before, after = runs
    for kind, scores in before.items():
        exact = [sum(cell["exact_match"] for cell in run[kind].values()) for run in runs]
        alike = [mean(cell["edit_similarity"] for cell in run[kind].values()) for run in runs]
        table.add_row(
            kind,
            str(len(scores)),
            f"{exact[0]} → {exact[1]}",
            f"{exact[1] - exact[0]:+d}",
            f"{alike[0]:.2f} → {alike[1]:.2f}",
            f"{round(alike[1] - alike[0], 2) + 0:+.2f}",
            style="bold" if kind == "all" else None,
        )
    Console().print(table)
    pairs = [(before["all"][row], after["all"][row]) for row in before["all"].keys() & after["all"]]
    gained = sum(new["exact_match"] > old["exact_match"] for old, new in pairs)
    lost = sum(new["exact_match"] < old["exact_match"] for old, new in pairs)
    print(f"Only {names[1]} is right on {gained} rows, only {names[0]} on {lost}.")


def main() -> None:
    """Evaluates both models and prints what came of it, and where to look."""
    client = weave.init(os.environ.get("WEAVELITE_PROJECT", "sentence-correction"))
    rows = [json.loads(line) for line in ROWS.read_text(encoding="utf-8").splitlines()]
    evaluation = weave.Evaluation(
        name="sentence-correction",
        dataset=weave.Dataset(name="corrections", rows=rows),
        scorers=[exact_match, edit_similarity, restraint],
    )
    with local_model() as endpoint:
        os.environ.update(endpoint.environment())  # openai.OpenAI() reads them
        if endpoint.model == LOCAL_NAME:  # it answers one request after the other
            os.environ.setdefault("WEAVELITE_PARALLELISM", "1")
        models = [
            SentenceCorrector(name="plain-instruction", prompt=INSTRUCTION, llm=endpoint.model),
            SentenceCorrector(name="two-examples", prompt=TWO_EXAMPLES, llm=endpoint.model),
        ]
        for model in models:
            asyncio.run(evaluation.evaluate(model))

    runs = client.get_calls(
        filter={"op_names": ["Evaluation.evaluate"]},
        sort_by=[{"field": "started_at", "direction": "desc"}],
        limit=2,
    )[::-1]
    print_by_kind([str(model.name) for model in models], [cells_of(client, run) for run in runs])
    print(f"Side by side: {client.url('evaluations/compare')}?ids={','.join(r.id for r in runs)}")


if __name__ == "__main__":
    main()
