"""The words that records use: states of a call, types of feedback, counters."""

from typing import Literal

Status = Literal["running", "success", "error", "interrupted"]
STATUSES: tuple[Status, ...] = ("running", "success", "error", "interrupted")
RUNNING, SUCCESS, ERROR, INTERRUPTED = range(4)

REACTION = "wandb.reaction.1"
NOTE = "wandb.note.1"
SCORE = "wandb.runnable."
"""Types of feedback, as Weave names them; a score's type ends in the name of its scorer."""

EVALUATE = "Evaluation.evaluate"
CELL = "Evaluation.predict_and_score"
SUMMARIZE = "Evaluation.summarize"
"""The ops of an evaluation: a run, a cell of it, and what sums it up."""

LOST = "records lost before the journal"
DAMAGED = "records damaged in the journal"
DAMAGED_BYTES = "bytes damaged in the journal"
UNSTORABLE = "records that the store refused"
"""The counters of a store that tell of trouble."""
