"""Patches a library when it is imported, by the integration that an entry point names."""

from weavelite.autopatch.watching import install, integrations, patch

__all__ = ["install", "integrations", "patch"]
