"""Which calls and which feedback are wanted, as data: filter, expression, order and page."""

from weavelite.query.asked import call_query, feedback_query
from weavelite.query.calls import PAGE_LIMIT, START, CallQuery, FeedbackQuery
from weavelite.query.expressions import Expression, Literal, Operation
from weavelite.query.fields import Field, call_field

__all__ = [
    "PAGE_LIMIT",
    "START",
    "CallQuery",
    "Expression",
    "FeedbackQuery",
    "Field",
    "Literal",
    "Operation",
    "call_field",
    "call_query",
    "feedback_query",
]
