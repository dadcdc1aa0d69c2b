"""Arms the tracing of LangChain in a process that may never import weavelite.

`weavelite_autoload.pth` calls `install()` in every Python process of an environment with weavelite,
unless WEAVELITE_AUTOLOAD is 0; so this file imports nothing that an interpreter has not loaded by
itself. It puts one finder in front of `sys.meta_path`, which waits for the one module that
LangChain loads before its first run. `weavelite.init` leads here too. Only a run that is to be
traced imports weavelite.
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any

TARGET = "langchain_core.tracers.context"
# How a variable says no; weavelite.settings, which says the same, is not to be imported here.
OFF = frozenset({"", "0", "false", "no", "off"})


class _Loader:
    """Runs a module by its own loader, then arms it."""

    def __init__(self, inner: "Any") -> None:
        self.inner = inner

    def __getattr__(self, name: str) -> "Any":
        return getattr(self.inner, name)

    def create_module(self, spec: "ModuleSpec") -> "ModuleType | None":
        """Makes the module as its own loader does."""
        module: ModuleType | None = self.inner.create_module(spec)
        return module

    def exec_module(self, module: "ModuleType") -> None:
        """Executes the module, with its own loader in place, so that the program sees only that."""
        module.__loader__ = self.inner
        if module.__spec__ is not None:
            module.__spec__.loader = self.inner
        self.inner.exec_module(module)
        if FINDER in sys.meta_path:
            sys.meta_path.remove(FINDER)
        _arm(module)


class _Finder:
    """Waits for the target module; all others pass by for the price of one comparison."""

    def find_spec(
        self, name: str, path: "Sequence[str] | None" = None, target: "ModuleType | None" = None
    ) -> "ModuleSpec | None":
        """Finds the target as the finders behind this one do, and wraps its loader."""
        if name != TARGET:
            return None
        # Only those behind: two finders that both ask all others would never come to an end.
        for finder in sys.meta_path[sys.meta_path.index(self) + 1 :]:
            spec = finder.find_spec(name, path, target)
            if spec is not None:
                if hasattr(spec.loader, "exec_module"):
                    spec.loader = _Loader(spec.loader)  # type: ignore[assignment]
                return spec
        return None


FINDER = _Finder()


def _arm(module: "ModuleType") -> None:
    try:
        from weavelite_integrations import _langchain_hook

        _langchain_hook.arm(module)
    except Exception as error:  # tracing is never worth a program that does not start
        print(f"weavelite: LangChain will not be traced: {error!r}", file=sys.stderr)


def install() -> None:
    """Arms LangChain, now or when it gets imported; may be called any number of times."""
    module = sys.modules.get(TARGET)
    if module is not None:
        _arm(module)
    elif FINDER not in sys.meta_path:
        sys.meta_path.insert(0, FINDER)
