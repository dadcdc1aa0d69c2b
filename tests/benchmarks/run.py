"""Prints all tables: `make benchmark`."""

import subprocess
import sys
from pathlib import Path

TABLES = ("caller_cost", "integration_cost", "evaluation_cost", "store_speed", "start_up")

if __name__ == "__main__":
    for name in TABLES:
        command = [sys.executable, "-m", f"tests.benchmarks.{name}"]
        subprocess.run(command, check=True, cwd=Path(__file__).parents[2])
