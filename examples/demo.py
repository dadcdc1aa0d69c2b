"""Run the whole demo on one real model: the evaluation, then the virtual worlds.

    python examples/demo.py

Each script runs in a process of its own, as a user would run it; this one reads the store at last.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from local_model import local_model
from rich.console import Console
from rich.table import Table

import weavelite as weave

HERE = Path(__file__).parent
PROJECT = "demo"
EVALUATE = "Evaluation.evaluate"


def run(script: str, environment: dict[str, str]) -> float:
    """Runs one script of this folder to its end, and returns how many seconds it took."""
    Console().rule(script)
    started = time.perf_counter()
    subprocess.run([sys.executable, str(HERE / script)], env=os.environ | environment, check=True)
    return time.perf_counter() - started


def print_closing(seconds: dict[str, float]) -> None:
    """Prints what rests in the store now, and where to look at it."""
    os.environ["WEAVELITE_PRINT_LINK"] = "false"
    client = weave.init(PROJECT)
    Console().rule("what was traced")
    for script, took in seconds.items():
        print(f"{script}: {took:.0f} s")

    scores = Table("model", "exact match", "edit similarity", "kept", "nothing added", box=None)
    newest = [{"field": "started_at", "direction": "desc"}]
    runs = client.get_calls(filter={"op_names": [EVALUATE]}, sort_by=newest, limit=2)
    for call in reversed(runs[:]):
        summary = call.output
        scores.add_row(
            weave.get(call.inputs["model"]).name,
            f"{summary['exact_match']['true_fraction']:.1%}",
            f"{summary['edit_similarity']['mean']:.3f}",
            f"{summary['restraint']['kept']['mean']:.3f}",
            f"{summary['restraint']['nothing_added']['true_fraction']:.1%}",
        )
    Console().print(scores)

    calls = client.get_calls()
    by_op = Counter(call.op_name for call in calls)
    tokens = sum((call.input_tokens or 0) + (call.output_tokens or 0) for call in calls)
    print(
        f"{len(calls):,} calls in {sum(call.parent_id is None for call in calls)} traces, ", end=""
    )
    print(f"{tokens:,} tokens. Most called:")
    for name, count in by_op.most_common(6):
        print(f"{count:>6,}  {name}")
    print(f"They rest in {client.store_path.parent}: delete that folder, and they are gone.")
    command = f"{Path(sys.executable).parent / 'weavelite'} ui --store {client.store_path}"
    print(f"Look at them: {command}")
    weave.finish()


def main() -> None:
    """Starts the model once, runs the scripts, and sums up."""
    with local_model() as endpoint:
        print(f"Model: {endpoint.model} at {endpoint.base_url}")
        environment = {**endpoint.environment(), "WEAVELITE_PROJECT": PROJECT}
        seconds = {
            script: run(script, environment)
            for script in ("sentence_correction.py", "virtual_worlds.py")
        }
    print_closing(seconds)


if __name__ == "__main__":
    main()
