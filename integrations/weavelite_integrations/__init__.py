"""Integrations of weavelite: one module a library, each loaded only when its library is.

PYTEST_DONT_REWRITE: this is imported before pytest is, by the line that waits for LangChain, and
pytest would warn that it came too late.
"""
