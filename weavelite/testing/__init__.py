"""For users' tests: gates on evaluations, and calls captured in a store of their own."""

from weavelite.testing.asserting import assert_not_worse
from weavelite.testing.capturing import capture_calls

__all__ = ["assert_not_worse", "capture_calls"]
