"""Where a program records, in a form that can be pickled: so that its processes record there, too.

A process that is spawned knows nothing of its parent's `init`. What takes a call to it takes along
the project, the store and how much is kept: no key, no secret and no code. Where functions say what
is kept, which do not travel, nothing is begun: less is kept than was allowed, never more.
"""

import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from weavelite.trace.context import SESSION

if TYPE_CHECKING:
    from weavelite.trace.client import Client

logger = logging.getLogger("weavelite")


class Home(NamedTuple):
    """Is what a process has to know to record where another one does."""

    project: str
    store: str
    capture: str
    export: str | None
    redact: tuple[str, ...]
    redact_keys: tuple[str, ...]
    travels: bool
    """Says whether that is all there is to know."""
    host: str
    pid: int


class Traceparent(str):
    """Is the text of a `traceparent`, which takes along in a pickle where its program records."""

    home: Home | None

    def __new__(cls, text: str, home: Home | None = None) -> "Traceparent":
        """Makes one of its text."""
        made = super().__new__(cls, text)
        made.home = home
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        """Says how a copy is made: pickles of text would leave out the rest."""
        return Traceparent, (str(self), self.home)


def home_of(client: "Client | None") -> Home | None:
    """Says where a client records; None when there is none."""
    if client is None:
        return None
    redactor = client.redact
    return Home(
        project=str(client.project),
        store=str(client.store_path),
        capture=client.settings.capture,
        export=client.export,
        redact=("none",) if redactor is None else redactor.kind_names,
        redact_keys=() if redactor is None else redactor.key_names,
        travels=not (_shapes(client) or (redactor is not None and redactor.has_functions)),
        host=os.uname().nodename,
        pid=os.getpid(),
    )


def _shapes(client: "Client") -> bool:
    """Tells whether functions make what is kept; attributes of all calls just stay behind."""
    options = client.options
    return options is not None and bool(options.postprocess_inputs or options.postprocess_output)


def settle(home: Home | None) -> None:
    """Begins to record where a parent process does, unless this one records already."""
    if home is None or SESSION.client is not None or SESSION.init is None:
        return
    elsewhere = home.host != os.uname().nodename or not Path(home.store).parent.is_dir()
    if home.pid == os.getpid() or elsewhere:
        return
    init, SESSION.init = SESSION.init, None  # once: a program that has finished stays so
    if not home.travels:
        logger.warning(
            "weavelite: this process records nothing, for the functions that init() was given do "
            "not come with the call: call init() in the module that the process imports."
        )
        return
    SESSION.is_joined = True
    init(
        home.project, store=home.store, capture=home.capture, export=home.export,
        redact=home.redact, redact_keys=home.redact_keys,
    )  # fmt: skip
