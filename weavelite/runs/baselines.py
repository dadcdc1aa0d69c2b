"""The run that others are measured against: marked by feedback that is only ever added to."""

import time

from weavelite.ids import fresh_uuid
from weavelite.query import feedback_query
from weavelite.records.writes import FeedbackWrite
from weavelite.store.base import Store

BASELINE = "weavelite.baseline"
"""Is the type of the feedback on the call of a run."""


def mark_baseline(store: Store, project: str, run_id: str, creator: str | None = None) -> None:
    """Makes a run the baseline of its evaluation, from now on."""
    store.add_feedback(
        FeedbackWrite(fresh_uuid(), project, run_id, BASELINE, {}, creator, time.time_ns())
    )


def marked(store: Store, project: str) -> list[str]:
    """Lists the runs that were marked, the newest mark first."""
    wanted = {"$expr": {"$eq": [{"$getField": "feedback_type"}, {"$literal": BASELINE}]}}
    found = store.find_feedback(feedback_query(project, wanted))
    return [each.call_id for each in reversed(found)]
