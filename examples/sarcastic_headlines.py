"""Decide between two prompts that tell sarcastic headlines from serious ones, on a public set.

The headlines are read at run time from the Python package `evals` (46 MB, fetched once with pip
into the cache folder); the model is a real one, see local_model.py. Each is asked three times:

    python examples/sarcastic_headlines.py --rows 240 --trials 3

It can be stopped at any moment: `weavelite eval resume` goes on where it was.
"""

from __future__ import annotations

import argparse
import asyncio
import functools
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import openai
from local_model import LOCAL_NAME, local_model

import weavelite as weave

PACKAGE = "evals==3.0.1.post1"
MEMBER = "evals/registry/data/sarcasm/samples.jsonl"

INSTRUCTION = (
    "Some headlines are from a satirical paper, some from a serious one. "
    "Answer 1 for satire and 0 for serious news."
)
EXAMPLES = [
    ("area man wins argument with himself for third straight year", "1"),
    ("senate passes bill on rural broadband after long debate", "0"),
    ("how to talk to your children about moving house", "0"),
    ("city council unveils new monument to forgetting what it was for", "1"),
    ("local cat announces plans to run for mayor unopposed", "1"),
    ("five recipes for a quiet weekend at home", "0"),
]


def prompt_with(examples: list[tuple[str, str]]) -> list[dict[str, str]]:
    """Makes the messages of a prompt that shows some headlines with their labels."""
    shown = [
        message
        for headline, label in examples
        for message in (
            {"role": "user", "content": headline},
            {"role": "assistant", "content": label},
        )
    ]
    return [
        {"role": "system", "content": INSTRUCTION},
        *shown,
        {"role": "user", "content": "{headline}"},
    ]


class Classifier(weave.Model):
    """Says whether a headline is sarcastic, by asking a chat model."""

    prompt: list[dict[str, str]]
    llm: str
    temperature: float = 0.7
    max_tokens: int = 4

    @weave.op()
    def predict(self, headline: str) -> str:
        """Returns what the model says."""
        messages: Any = [
            {**message, "content": message["content"].replace("{headline}", headline)}
            for message in self.prompt
        ]
        reply = openai_client().chat.completions.create(
            model=self.llm,
            messages=messages,
            temperature=self.temperature,
            max_tokens=self.max_tokens,
        )
        return (reply.choices[0].message.content or "").strip()


@functools.cache
def openai_client() -> openai.OpenAI:
    """Returns the client of the endpoint that OPENAI_BASE_URL and OPENAI_API_KEY name."""
    return openai.OpenAI()


@weave.op()
def correct(label: str, output: str) -> bool:
    """Tells whether the answer begins with the right label."""
    return output[:1] == label


@weave.op()
def readable(output: str) -> bool:
    """Tells whether the answer is one of the two labels, and nothing else."""
    return output in ("0", "1")


def headlines(count: int) -> list[dict[str, str]]:
    """Reads the first headlines of the set, with their labels."""
    folder = Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "weavelite-examples"
    found = sorted(folder.glob("evals-*.whl"))
    if not found:
        print(f"Fetching {PACKAGE} into {folder} …", file=sys.stderr)
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", PACKAGE]
        subprocess.run([*command, "--dest", str(folder)], check=True)
        found = sorted(folder.glob("evals-*.whl"))
    with zipfile.ZipFile(found[-1]) as archive, archive.open(MEMBER) as lines:
        samples = [json.loads(line) for line, _ in zip(lines, range(count), strict=False)]
    return [{"headline": one["input"][-1]["content"], "label": one["ideal"]} for one in samples]


def main() -> None:
    """Evaluates both prompts."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=240)
    parser.add_argument("--trials", type=int, default=3)
    asked = parser.parse_args()
    weave.init(os.environ.get("WEAVELITE_PROJECT", "sarcastic-headlines"))
    evaluation = weave.Evaluation(
        name="sarcastic-headlines",
        dataset=weave.Dataset(name="headlines", rows=headlines(asked.rows)),
        scorers=[correct, readable],
        trials=asked.trials,
    )
    with local_model() as endpoint:
        os.environ.update(endpoint.environment())  # openai.OpenAI() reads them
        if endpoint.model == LOCAL_NAME:  # it answers one request after the other
            os.environ.setdefault("WEAVELITE_PARALLELISM", "1")
        for name, examples in (("two-examples", EXAMPLES[:2]), ("six-examples", EXAMPLES)):
            model = Classifier(name=name, prompt=prompt_with(examples), llm=endpoint.model)
            asyncio.run(evaluation.evaluate(model))


if __name__ == "__main__":
    main()
