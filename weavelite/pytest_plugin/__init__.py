"""Makes rows of evaluations of marked tests; loaded with the first of them."""

from weavelite.pytest_plugin.rows import Rows

__all__ = ["Rows"]
