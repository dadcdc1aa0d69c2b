"""Which libraries are here, in which version, and whether they are traced; imports none."""

import importlib.util
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from importlib import metadata

from weavelite.autopatch.instrumentors import INSTRUMENTORS
from weavelite.autopatch.watching import integrations

ASKED_FOR = {"langchain_core": "langchain"}
"""Are traced only when asked, by a variable or by `weavelite.patch`."""
Distributions = Mapping[str, list[str]]
"""Are what top-level modules are installed by."""
_BOUND = re.compile(r"([A-Za-z0-9_.-]+)(?:\[[^]]*\])?\s*>=\s*([0-9.]+)[^;]*;\s*extra")


@dataclass(frozen=True, slots=True)
class Library:
    """Is a library that weavelite can trace, and what there is to say of it."""

    name: str
    version: str | None
    traced: bool
    why: str
    broken: bool = False

    @property
    def title(self) -> str:
        """Is its name, and its version where it is installed."""
        return f"{self.name} {self.version}" if self.version else self.name


def libraries(disabled: bool = False, langchain: bool = False) -> Iterator[Library]:
    """Yields the libraries with an integration, then those that have an instrumentor of others."""
    known = integrations()
    distributions = metadata.packages_distributions()
    for module in sorted(known):
        if not _is_here(module):
            yield Library(module, None, False, "not installed")
        elif not _is_here(known[module]):
            why = f"not traced: its integration {known[module]} cannot be found"
            name = _distribution(module, distributions)
            yield Library(name, _version(name), False, why, broken=True)
        else:
            own = known[module].startswith("weavelite_integrations.")
            said = _known(module, distributions, disabled, langchain)
            yield said if own else replace(said, why=f"{said.why}, by {known[module]}")
    for module, instrumentor in sorted(INSTRUMENTORS.items()):
        if module not in known and _is_here(module):
            yield _by_others(module, instrumentor.package, instrumentor.module, distributions)


def _known(module: str, distributions: Distributions, disabled: bool, langchain: bool) -> Library:
    name = _distribution(module, distributions)
    version, least = _version(name), _least().get(name)
    if disabled:
        return Library(name, version, False, "not traced: WEAVELITE_DISABLED is set")
    if least and _numbers(version) < _numbers(least):
        why = f"may not be traced: the integration is for {least} and newer"
        return Library(name, version, False, why, broken=True)
    asked = ASKED_FOR.get(module)
    if asked and not langchain:
        why = "traced when WEAVELITE_TRACE_LANGCHAIN=true is set, or weavelite.patch"
        return Library(name, version, False, f'{why}("{asked}") is called')
    return Library(name, version, True, "traced when it is imported")


def _by_others(
    module: str, package: str, instrumentor: str, distributions: Distributions
) -> Library:
    name = _distribution(module, distributions)
    call = f'weavelite.patch("{module}")'
    if _is_here(instrumentor):
        return Library(name, _version(name), False, f"traced when {call} is called, by {package}")
    return Library(name, _version(name), False, f"not traced: pip install {package}, then {call}")


def _is_here(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError, AttributeError):  # of a package that is not there
        return False


def _distribution(module: str, distributions: Distributions) -> str:
    """Finds what a module is installed by; many packages share a name such as google."""
    found = [_plain(name) for name in distributions.get(module.partition(".")[0], ())]
    wanted = _plain(module)
    return wanted if wanted in found or not found else found[0]


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:  # a folder of the program's own
        return "of an unknown version"


def _least() -> dict[str, str]:
    """Reads the oldest versions that the integrations are for from weavelite's own extras."""
    try:
        wanted = metadata.requires("weavelite") or []
    except metadata.PackageNotFoundError:
        return {}
    found = (_BOUND.match(line) for line in wanted)
    return {_plain(match[1]): match[2] for match in found if match is not None}


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])
