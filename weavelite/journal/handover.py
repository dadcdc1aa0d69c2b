"""Hands the drain over to a process of its own, and knows when one is at work.

One is enough for all programs that write beside a store: who drains holds a lock, and the others
rest.
"""

import contextlib
import fcntl
import json
import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from weavelite.journal.segment import journal_folder

logger = logging.getLogger("weavelite")

LOCK = "drain.lock"
_PROGRAM = """
import os, sys
for fd in os.listdir("/dev/fd"):
    if int(fd) > 2:
        try:
            os.close(int(fd))
        except OSError:
            pass
if os.fork():
    os._exit(0)
os.setsid()
os.chdir("/")
import json
sys.path[:] = json.loads(sys.argv[2])
from weavelite.journal.process import main
main(sys.argv[1])
"""
"""Leaves the program's process group, and no child behind that it would have to wait for.

It keeps no descriptor of the program's: a socket that lets children inherit it, as servers' do,
would still listen after the program has ended, and who reads from a pipe would wait for its end.
Nor does it stay in the program's folder, which could not be unmounted or removed.
"""


@contextlib.contextmanager
def only_drain(store_path: Path) -> Iterator[bool]:
    """Holds the lock of who drains beside a store; False when another has it."""
    folder = journal_folder(store_path)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with open(folder / LOCK, "a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
        else:
            yield True


def another_drains(store_path: Path) -> bool:
    """Tells whether a process holds the lock of who drains."""
    try:
        fd = os.open(journal_folder(store_path) / LOCK, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # a file system without locks: nobody can be known to drain
        return False
    finally:
        os.close(fd)
    return False


def _import_folders() -> str:
    """Says in JSON where this program imports from, wherever one stands that reads it."""
    entries = [entry for entry in sys.path if isinstance(entry, str)]
    if not all(map(os.path.isabs, entries)):
        with contextlib.suppress(FileNotFoundError):  # the program's folder is gone
            entries = [os.path.abspath(entry) for entry in entries]
    return json.dumps([entry for entry in entries if os.path.isabs(entry)])


def start_drain(store_path: Path) -> bool:
    """Starts the process; False where this program cannot start a Python. Takes some 30 ms."""
    python = sys.executable
    if not python or "python" not in Path(python).name.lower() or hasattr(sys, "frozen"):
        return False
    arguments = [python, "-P", "-c", _PROGRAM, str(store_path.absolute()), _import_folders()]
    environment = {key: value for key, value in os.environ.items() if key != "WEAVELITE_PROJECT"}
    nowhere = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_RDWR, 0) for fd in range(3)]
    try:
        pid = os.posix_spawn(python, arguments, environment, file_actions=nowhere)
        _, status = os.waitpid(pid, 0)
    except ChildProcessError:  # the program waits for all children, and has met this one
        return True
    except OSError as error:
        logger.debug("no process can be started to drain: %s", error)
        return False
    return status == 0
