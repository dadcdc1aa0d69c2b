"""Libraries that not every environment has: their tests skip elsewhere, and say where they run."""

import importlib
import os
from pathlib import Path
from typing import Any

import pytest

ENVIRONMENTS = Path(__file__).parents[1] / "environments"


def needs(library: str) -> Any:
    """Imports a library, or skips the module; where its tests must run, nothing is skipped.

    `make integrations-test` sets TESTS_MUST_RUN, so that a broken environment is no success.
    """
    if os.environ.get("TESTS_MUST_RUN"):
        return importlib.import_module(library)
    reason = f"{library} is not installed here: make integrations-test runs these"
    return pytest.importorskip(library, reason=reason, exc_type=ImportError)
