"""Which calls and which feedback are wanted, as data: filter, expression, order and page."""

from weavelite.query.asked import call_query, feedback_query
from weavelite.query.calls import PAGE_LIMIT, START, CallQuery, FeedbackQuery
from weavelite.query.expressions import Expression, Literal, Operation, all_of
from weavelite.query.fields import OPS_OWN, Field, call_field, names, parts, written
from weavelite.query.search import search_query

__all__ = [
    "OPS_OWN",
    "PAGE_LIMIT",
    "START",
    "CallQuery",
    "Expression",
    "FeedbackQuery",
    "Field",
    "Literal",
    "Operation",
    "all_of",
    "call_field",
    "call_query",
    "feedback_query",
    "names",
    "parts",
    "search_query",
    "written",
]
