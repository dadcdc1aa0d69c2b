"""Patches a library when it is imported, by the integration that an entry point names.

An entry point of the group `weavelite.integrations` is named after the module to watch, and its
value is a module with `patch()` and `unpatch()`. So integrations of others join by the same door.
"""

import importlib
import importlib.util
import logging
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any

from weavelite.errors import NotFoundError
from weavelite.trace import threads

if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec

logger = logging.getLogger("weavelite")

GROUP = "weavelite.integrations"
_STANDARD = dict.fromkeys(threads.LAZY, threads.__name__)


def integrations() -> dict[str, str]:
    """Lists the integrations that are installed: library to watch, and module that patches it."""
    from importlib.metadata import entry_points  # 20 ms to import, and needed at init only

    return {point.name: point.value for point in entry_points(group=GROUP)}


def install() -> None:
    """Patches the libraries that are imported already, and the others when they will be."""
    watched = {}
    for library, module in (_STANDARD | integrations()).items():
        if library in sys.modules:
            _patch(module)
        else:
            watched[library] = module
    if watched and not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder(watched))


def patch(library: str) -> None:
    """Patches one library now, as asked by the user.

    Where weavelite has no integration of its own, an OpenTelemetry instrumentor of others does it.
    Raises NotFoundError, naming those known, or the package to install.
    """
    known = integrations()
    plain = library.replace("-", "_")
    names = (library, f"{library}_core", library.replace("-", "."), plain, f"{plain}.core")
    module = next((known[name] for name in names if name in known), None)
    if module is None:
        _patch_by_others(library, known)
        return
    integration = importlib.import_module(module)
    if "explicit" in integration.patch.__code__.co_varnames:
        integration.patch(explicit=True)
    else:
        integration.patch()


def _patch_by_others(library: str, known: dict[str, str]) -> None:
    from weavelite.autopatch.instrumentors import INSTRUMENTORS, instrument, known_as

    instrumentor = known_as(library)
    if instrumentor is None:
        raise NotFoundError(
            f"There is no integration for {library!r}: there are {', '.join(sorted(known))}, and "
            f"by instrumentors of others {', '.join(sorted(INSTRUMENTORS))}."
        )
    instrument(library, instrumentor)


def _patch(module: str) -> None:
    try:
        importlib.import_module(module).patch()
    except Exception:  # a library of another version must not break the user's import
        logger.warning("weavelite cannot trace by %s; the program goes on.", module, exc_info=True)


class _Finder:
    """Sees the import of a watched library, and patches it once it is there."""

    def __init__(self, watched: dict[str, str]) -> None:
        self._watched = watched
        self._asking: set[str] = set()

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> "ModuleSpec | None":
        """Finds a watched library by the other finders, and takes part in its loading."""
        if name not in self._watched or name in self._asking:
            return None
        self._asking.add(name)
        try:
            spec = importlib.util.find_spec(name)
        finally:
            self._asking.discard(name)
        if spec is None or spec.loader is None:
            return None
        spec.loader = _Loader(spec.loader, self._watched[name])  # type: ignore[assignment]  # is one by its methods
        return spec


class _Loader:
    """Loads as the original loader does, and patches after."""

    def __init__(self, original: Any, module: str) -> None:
        self._original = original
        self._module = module

    def create_module(self, spec: "ModuleSpec") -> ModuleType | None:
        """Leaves the making of the module to the original loader."""
        made: ModuleType | None = self._original.create_module(spec)
        return made

    def exec_module(self, module: ModuleType) -> None:
        """Runs the module, and patches it."""
        if module.__spec__ is not None:
            module.__spec__.loader = self._original
        module.__loader__ = self._original
        self._original.exec_module(module)
        _patch(self._module)
