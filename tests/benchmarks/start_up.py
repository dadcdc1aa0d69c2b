"""What `import weavelite` takes over bare Python: medians of processes, side by side."""

import os
import statistics
import subprocess
import sys
import time

ROUNDS = 15
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}


def seconds(code: str) -> float:
    """Times a process that runs some code."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, env=ENVIRONMENT)
    return time.perf_counter() - started


def main() -> None:
    """Prints the table."""
    codes = {
        "bare Python": "pass",
        "import weavelite": "import weavelite",
        "import pydantic, orjson, sqlite3 (what it needs)": "import pydantic, orjson, sqlite3\n"
        "pydantic.BaseModel",
        "import opentelemetry.sdk.trace": "import opentelemetry.sdk.trace",
    }
    found: dict[str, list[float]] = {name: [] for name in codes}
    for _ in range(ROUNDS):
        for name, code in codes.items():
            found[name].append(seconds(code))
    bare = statistics.median(found["bare Python"])
    print("\nStart-up, s\n\n| what | s | over bare Python |\n|---|---|---|")
    for name, times in found.items():
        middle = statistics.median(times)
        print(f"| {name} | {middle:.3f} | {middle - bare:.3f} |")


if __name__ == "__main__":
    main()
