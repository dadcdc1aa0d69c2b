"""Runs a Python file as Python does, and finds the evaluations and models that it defines."""

import asyncio
import sys
import traceback
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from weavelite.errors import EvaluationError, WeaveliteError
from weavelite.eval.evaluation import Evaluation
from weavelite.eval.model import Model

_CODE = """
Write one of these in it:
    asyncio.run(evaluation.evaluate(model))
    evaluation = weavelite.Evaluation(...)   and   model = ...   or   models = [...]"""


T = TypeVar("T")


class ProgramError(EvaluationError):
    """Says that a file did not run to its end; its traceback has been printed."""


def run_as_main(path: Path, arguments: Sequence[str]) -> ModuleType:
    """Runs a file as `python FILE ARGUMENTS` does, in this process; raises ProgramError."""
    if not path.is_file():
        raise EvaluationError(f"There is no file {path}.")
    module = ModuleType("__main__")
    module.__file__ = str(path)
    module.__dict__["__builtins__"] = __builtins__
    sys.modules["__main__"] = module
    sys.argv[:] = [str(path), *arguments]
    sys.path[0:1] = [str(path.resolve().parent)]

    def start() -> None:
        exec(compile(path.read_bytes(), str(path), "exec"), module.__dict__)

    _run(start, path)
    return module


def run_defined(module: ModuleType, path: Path) -> None:
    """Runs the evaluations that a module defines on the models that it defines."""
    evaluations = _all_of(Evaluation, module)
    if not evaluations:
        raise EvaluationError(f"{path} ran no evaluation, and defines none.{_CODE}")
    models = _models(module)
    if not models:
        raise EvaluationError(f"{path} ran no evaluation, and defines no model.{_CODE}")
    for evaluation in evaluations:
        for model in models:
            _run(partial(_evaluate, evaluation, model), path)


def _evaluate(evaluation: Evaluation, model: Any) -> None:
    asyncio.run(evaluation.evaluate(model))


def _models(module: ModuleType) -> list[Any]:
    """Finds `models` or `model`, else all objects of a model."""
    names = vars(module)
    if "models" in names:
        return list(names["models"])
    if "model" in names:
        return [names["model"]]
    return _all_of(Model, module)


def _all_of(kind: type[T], module: ModuleType) -> list[T]:
    """Lists what a module defines of a kind, each once whatever its names."""
    found = [value for value in vars(module).values() if isinstance(value, kind)]
    return list({id(value): value for value in found}.values())


def _run(start: Callable[[], Any], path: Path) -> None:
    try:
        start()
    except SystemExit as stop:
        if stop.code not in (None, 0):
            raise ProgramError(f"{path} ended with {stop.code!r}.") from None
    except KeyboardInterrupt:
        raise ProgramError(f"{path} was interrupted.") from None
    except WeaveliteError:
        raise
    except Exception as error:
        own = error.__traceback__
        while own is not None and own.tb_frame.f_code.co_filename == __file__:
            own = own.tb_next
        traceback.print_exception(error.with_traceback(own))
        raise ProgramError(f"{path} did not run to its end.") from None
