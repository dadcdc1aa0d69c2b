"""Prints all tables: `make benchmark`."""

import subprocess
import sys
from pathlib import Path

TABLES = ("caller_cost.py", "evaluation_cost.py", "store_speed.py", "start_up.py")

if __name__ == "__main__":
    for name in TABLES:
        subprocess.run([sys.executable, str(Path(__file__).parent / name)], check=True)
