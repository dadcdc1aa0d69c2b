"""Starts weavelite, and then is the program: what `weavelite run` turns into."""

import logging
import runpy
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any

logger = logging.getLogger("weavelite")
_OWN = {__file__, runpy.__file__, "<frozen runpy>"}


def main(given: Sequence[str]) -> None:
    """Runs a program; `given` are whether it is a module, the project, its name, its arguments."""
    is_module, project, target, *arguments = given
    sys.excepthook = _without_own_frames(sys.excepthook)
    _start(project or None)
    sys.argv[:] = [target, *arguments]
    if is_module == "1":
        sys.path[0:1] = [str(Path.cwd())]
        runpy.run_module(target, run_name="__main__", alter_sys=True)
        return
    path = Path(target)
    if not path.is_file():
        if not path.exists():
            sys.exit(f"weavelite: there is no file {target}.")
        runpy.run_path(target, run_name="__main__")  # a folder, or an archive
        return
    sys.path[0:1] = [str(path.resolve().parent)]
    _run(path, target)


def _start(project: str | None) -> None:
    """Starts tracing; where that cannot be, the program runs all the same."""
    try:
        from weavelite.api import init

        init(project)
    except Exception as error:
        logger.warning("weavelite could not be started, and traces nothing: %s", error)


def _run(path: Path, name: str) -> None:
    """Runs a file as the main module, which stays: what it pickles, and its threads, need it."""
    module = ModuleType("__main__")
    module.__file__ = name
    module.__dict__["__builtins__"] = __builtins__
    sys.modules["__main__"] = module
    exec(compile(path.read_bytes(), name, "exec"), module.__dict__)


Hook = Callable[[type[BaseException], BaseException, TracebackType | None], Any]


def _without_own_frames(hook: Hook) -> Hook:
    def shown(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        while trace is not None and trace.tb_frame.f_code.co_filename in _OWN:
            trace = trace.tb_next
        if hook is sys.__excepthook__:
            traceback.print_exception(kind, error.with_traceback(trace), trace)
        else:
            hook(kind, error, trace)

    return shown


if __name__ == "__main__":
    main(sys.argv[1:])
