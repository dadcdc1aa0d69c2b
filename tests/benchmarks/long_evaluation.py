"""What an evaluation of ten thousand rows takes: time, memory, resuming after a kill, reuse.

`python -m tests.benchmarks.long_evaluation` prints the table; CPU is that of the process alone.

Each line is a process of its own. Resuming is timed until the model is asked for the first row that
was not done, and to the end; it goes on with a run that was killed by `kill -9` at half.
"""

import asyncio
import os
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import weavelite

ROWS = 10_000
ASKED: list[float] = []
"""Are the moments at which the model was asked."""


def model(question: str, x: int) -> str:
    """Answers at once; the process may die of it."""
    ASKED.append(time.perf_counter())
    if len(ASKED) == _killed_after():
        os.kill(os.getpid(), signal.SIGKILL)
    return f"the answer to {question} is {x}"


def _killed_after() -> int:
    return int(os.environ.get("KILLED_AFTER", "0"))


def right(x: int, output: str) -> bool:
    """Judges at once."""
    return str(x) in output and x % 3 > 0


def length(output: str) -> float:
    """Judges at once, too."""
    return float(len(output))


def another(output: str) -> float:
    """Stands for `length` once that has been edited."""
    return float(len(output.split()))


class Watch:
    """Watches the memory of this process: the most that it had over what it began with."""

    def __init__(self) -> None:
        self.began = self.most = _megabytes()
        self._done = threading.Event()
        threading.Thread(target=self._look, daemon=True).start()

    def _look(self) -> None:
        while not self._done.wait(0.02):
            self.most = max(self.most, _megabytes())


def _megabytes() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def rows() -> list[dict[str, object]]:
    return [{"question": f"what is number {n}?", "x": n} for n in range(ROWS)]


def run(store: Path, what: str) -> None:
    """Does one thing, and prints how long it took and how much memory."""
    client = weavelite.init("benchmark", store=store)
    scorers = [right, another if what == "rescore" else length]
    dataset = weavelite.Dataset(name="rows", rows=rows())
    evaluation = weavelite.Evaluation(name="long", dataset=dataset, scorers=scorers)
    weavelite.publish(evaluation)
    client.flush()
    watch = Watch()
    started, used = time.perf_counter(), time.process_time()
    if what == "compare":
        evaluation.compare()
    elif what == "rescore":
        newest = list(client.get_calls({"op_names": ["Evaluation.evaluate"]}))[-1]
        asyncio.run(evaluation.rescore(newest.id))
    else:
        options = {"resume": True} if what == "resume" else {"reuse": True}
        asyncio.run(evaluation.evaluate(model, **({} if what == "run" else options)))
    client.flush()
    took, used = time.perf_counter() - started, time.process_time() - used
    first = f"{ASKED[0] - started:.2f}" if ASKED and what == "resume" else ""
    memory = f"{watch.most - watch.began:.0f}"
    figures = [f"{took:.2f}", f"{used:.2f}", first, f"{len(ASKED):,}", memory]
    print(f"| {LINES[what]} | {' | '.join(figures)} |", flush=True)
    weavelite.finish()


LINES = {
    "run": "run",
    "kill": "run, killed at half",
    "resume": "go on with the killed run",
    "reuse": "take over every cell",
    "rescore": "score again, one scorer edited",
    "compare": "compare two runs",
}


def main() -> None:
    """Prints the table."""
    if len(sys.argv) > 1:
        run(Path(sys.argv[1]), sys.argv[2])
        return
    print(f"\nAn evaluation of {ROWS:,} rows\n")
    print("| what | s | CPU s | s to the first new row | rows asked | MB more |")
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for what in ("kill", "resume", "run", "reuse", "rescore", "compare"):
            _process(Path(folder) / "weavelite.db", what)


def _process(store: Path, what: str) -> None:
    environment = {**os.environ, "KILLED_AFTER": str(ROWS // 2) if what == "kill" else "0"}
    subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.long_evaluation", str(store), what],
        env=environment, stderr=subprocess.DEVNULL, check=what != "kill",
    )  # fmt: skip


if __name__ == "__main__":
    main()
