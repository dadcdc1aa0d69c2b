"""LangChain and LangGraph: runs are traced while an environment variable asks for it.

WEAVELITE_TRACE_LANGCHAIN and LANGCHAIN_WANDB_TRACING do. They are looked at in each run, so they
can be set and taken back in the midst of a program.
This module is light: the handler is loaded when the first run is to be traced.
"""

import sys

from weavelite_integrations import _autoload

HANDLER = "weavelite_integrations._langchain_handler"


def patch(explicit: bool = False) -> None:
    """Lets the environment variables trace LangChain; `explicit` traces it whatever they say."""
    _autoload.install()
    if explicit:
        from weavelite_integrations._langchain_handler import ALWAYS

        ALWAYS.on = True


def unpatch() -> None:
    """Takes an explicit `patch` back; the environment variables go on to work."""
    if HANDLER in sys.modules:
        sys.modules[HANDLER].ALWAYS.on = False
