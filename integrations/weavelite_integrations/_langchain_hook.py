"""Registers weavelite with LangChain, which asks at each run whether a variable is set.

Loaded when LangChain is. It does not import weavelite: that waits for a run that is to be traced.
"""

import functools
import importlib.util
import logging
import os
import sys
from collections.abc import Callable
from contextvars import ContextVar
from types import ModuleType
from typing import Any

from weavelite_integrations._autoload import OFF

VARIABLE = "WEAVELITE_TRACE_LANGCHAIN"
WANDB_VARIABLE = "LANGCHAIN_WANDB_TRACING"
HANDLER_MODULE = "weavelite_integrations._langchain_handler"

logger = logging.getLogger("weavelite")


class Hook:
    """Stands for the handler where LangChain constructs one: `Hook()` is the handler itself.

    LangChain does so at each run and then looks whether an instance is there already, so the
    handler is one for the process, and derives from this class.
    """

    def __new__(cls) -> Any:
        """Gives the handler, loading it and weavelite when it is wanted for the first time."""
        return _handler() if cls is Hook else super().__new__(cls)


def wanted() -> bool:
    """Tells whether one of the two variables asks for tracing, by weavelite's idea of "off"."""
    return _is_on(os.environ.get(VARIABLE)) or _is_on(os.environ.get(WANDB_VARIABLE))


def _is_on(value: str | None) -> bool:
    return value is not None and value.strip().lower() not in OFF


def _handler() -> Any:
    if not wanted():  # LangChain takes "off" and "no" for yes
        return _inert()
    module = sys.modules.get(HANDLER_MODULE)
    handler = getattr(module, "HANDLER", None)
    return handler if handler is not None else _load()


def _load() -> Any:
    try:
        return importlib.import_module(HANDLER_MODULE).HANDLER
    except Exception:
        _say_once()
        return _inert()


@functools.cache
def _say_once() -> None:
    logger.exception("LangChain is not traced: %s could not be loaded.", HANDLER_MODULE)


@functools.cache
def _inert() -> Any:
    """Makes a handler that ignores every event: LangChain cannot be told "none this time"."""
    from langchain_core.callbacks.base import BaseCallbackHandler

    ignored = {name: True for name in dir(BaseCallbackHandler) if name.startswith("ignore_")}
    return type("Inert", (Hook, BaseCallbackHandler), ignored)()


def arm(context: ModuleType) -> None:
    """Registers with `langchain_core.tracers.context`, once."""
    register = context.register_configure_hook
    if hasattr(register, "weavelite"):
        return
    context.register_configure_hook = _without_wandb(register)  # type: ignore[attr-defined]
    _disarm_wandb(context)
    variable: ContextVar[Any] = ContextVar("weavelite_langchain", default=None)
    for name in (VARIABLE, WANDB_VARIABLE):
        register(variable, True, Hook, name)


def _breaks(handle_class: Any, env_var: str | None) -> bool:
    """Tells whether a registration raises ImportError in each run: W&B's tracer without wandb."""
    if env_var != WANDB_VARIABLE or handle_class is Hook:
        return False
    try:
        return importlib.util.find_spec("wandb") is None
    except (ImportError, ValueError):
        return True


def _without_wandb(register: Callable[..., None]) -> Callable[..., None]:
    """Wraps LangChain's registration for those to come.

    langchain_community registers its WandbTracer for the variable that means weavelite here. What
    remains of it is the context variable, so `wandb_tracing_enabled()` does what it did.
    """

    @functools.wraps(register)
    def registering(
        context_var: Any, inheritable: bool, handle_class: Any = None, env_var: str | None = None
    ) -> None:
        if _breaks(handle_class, env_var):
            handle_class = env_var = None
        register(context_var, inheritable, handle_class, env_var)

    registering.weavelite = True  # type: ignore[attr-defined]
    return registering


def _disarm_wandb(context: ModuleType) -> None:
    """Does the same for those that were there first; LangChain has no public way to look."""
    hooks = getattr(context, "_configure_hooks", [])
    for index, (variable, inheritable, handle_class, env_var) in enumerate(hooks):
        if _breaks(handle_class, env_var):
            hooks[index] = (variable, inheritable, None, None)
