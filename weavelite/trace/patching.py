"""Replaces functions of others, once, so that it can be taken back."""

import functools
from collections.abc import Callable
from typing import Any

ORIGINAL = "__weavelite_original__"
_WRAPPER = "__weavelite_wrapper__"


def wrap(owner: Any, name: str, make: Callable[[Any], Any]) -> bool:
    """Replaces an attribute of a class or module by what `make` makes of it, once.

    Returns False, and changes nothing, when there is no such attribute or it is wrapped already.
    """
    original = getattr(owner, name, None)
    if original is None or hasattr(original, ORIGINAL):
        return False
    wrapper = functools.wraps(original)(make(original))
    setattr(wrapper, ORIGINAL, original)
    setattr(wrapper, _WRAPPER, wrapper)
    setattr(owner, name, wrapper)
    return True


def unwrap(owner: Any, name: str) -> bool:
    """Puts back what `wrap` replaced; what someone else has wrapped since is left alone."""
    wrapper = getattr(owner, name, None)
    if wrapper is None or getattr(wrapper, _WRAPPER, None) is not wrapper:
        return False
    setattr(owner, name, getattr(wrapper, ORIGINAL))
    return True
