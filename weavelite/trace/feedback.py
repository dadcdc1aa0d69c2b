"""Feedback as it is found by a query, and the calls that it is about."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, overload

from weavelite.query import FeedbackQuery
from weavelite.refs import Ref
from weavelite.trace.calls import Calls

if TYPE_CHECKING:
    from weavelite.records.answers import Feedback
    from weavelite.trace.client import Client


class FoundFeedback:
    """Is what `get_feedback` finds, oldest first: read when it is first looked at, and kept.

    `refresh` reads it anew.
    """

    def __init__(self, client: "Client", query: FeedbackQuery) -> None:
        self._client = client
        self._query = query
        self._found: list[Feedback] | None = None

    def refresh(self) -> "list[Feedback]":
        """Reads the feedback anew."""
        self._found = self._client.store.find_feedback(self._query)
        return self._found

    def execute(self) -> "list[Feedback]":
        """Reads the feedback, unless it has been read."""
        return self.refresh() if self._found is None else self._found

    def refs(self) -> "FeedbackRefs":
        """Returns the refs of the calls that the feedback is about, each once."""
        ids = dict.fromkeys(item.call_id for item in self.execute())
        return FeedbackRefs(self._client, list(ids))

    def __iter__(self) -> "Iterator[Feedback]":
        return iter(self.execute())

    def __len__(self) -> int:
        return len(self.execute())

    @overload
    def __getitem__(self, index: int) -> "Feedback": ...
    @overload
    def __getitem__(self, index: slice) -> "list[Feedback]": ...
    def __getitem__(self, index: int | slice) -> "Feedback | list[Feedback]":
        return self.execute()[index]

    def __repr__(self) -> str:
        return f"<feedback in {self._query.project}>"


class FeedbackRefs(list[str]):
    """Are refs of calls that feedback is about."""

    def __init__(self, client: "Client", call_ids: list[str]) -> None:
        super().__init__(str(Ref(client.project, "call", id)) for id in call_ids)
        self._client = client
        self._call_ids = call_ids

    def call_refs(self) -> "FeedbackRefs":
        """Returns the refs that are of calls, which are all."""
        return self

    def calls(self) -> Calls:
        """Finds the calls."""
        return self._client.get_calls(filter={"call_ids": self._call_ids})
