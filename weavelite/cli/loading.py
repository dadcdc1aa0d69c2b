"""Python files that the user names, run, and what is taken from them."""

import inspect
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from weavelite.errors import EvaluationError
from weavelite.eval.arguments import OUTPUT_NAMES
from weavelite.eval.roles import as_scorer
from weavelite.eval.scorer import Scorer
from weavelite.trace.op import state_of


def load_file(path: Path) -> ModuleType:
    """Runs a Python file as a module of its own name; raises EvaluationError when it is not there.

    What stands beside the file can be imported by it.
    """
    if not path.is_file():
        raise EvaluationError(f"There is no file {path}.")
    folder = str(path.resolve().parent)
    if folder not in sys.path:
        sys.path.insert(0, folder)
    spec = spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise EvaluationError(f"{path} is not a Python file.")
    module = module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def scorers_of(text: str) -> list[Any]:
    """Reads scorers from a file: those that are named after a colon, else all that it defines.

    A scorer is a `Scorer` object, an op of kind scorer, or a function that takes `output`.
    """
    file, _, names = text.partition(":")
    module = load_file(Path(file))
    if names:
        return [as_scorer(_named(module, name.strip())) for name in names.split(",")]
    found = [as_scorer(value) for value in vars(module).values() if _is_scorer(value, module)]
    if not found:
        raise EvaluationError(
            f"{file} defines no scorer: a function with an argument named output, or a Scorer "
            "object. Name what is imported: scorers.py:exact,near"
        )
    return found


def _named(module: ModuleType, name: str) -> Any:
    if not hasattr(module, name):
        known = [key for key, value in vars(module).items() if _is_scorer(value, module)]
        raise EvaluationError(f"{module.__file__} has no {name!r}; there are: {', '.join(known)}.")
    return getattr(module, name)


def _is_scorer(value: Any, module: ModuleType) -> bool:
    if isinstance(value, Scorer):
        return True
    state = state_of(value)
    function = value if state is None else state.fn
    if not inspect.isfunction(function) or function.__module__ != module.__name__:
        return False
    return any(name in inspect.signature(function).parameters for name in OUTPUT_NAMES)
