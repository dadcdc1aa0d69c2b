"""What runs of an evaluation say: whether one is better than another, and how sure that is; pure.

The server, the runner and the command line all read runs here, so that they say the same.
"""

from weavelite.verdicts.cells import ComparedCell, row_digest
from weavelite.verdicts.compared import ComparedMetric
from weavelite.verdicts.comparison import ComparedRow, Comparison, compare
from weavelite.verdicts.decisions import Decision, Verdict
from weavelite.verdicts.fairness import Remark
from weavelite.verdicts.metrics import Metric, MetricKind, flat_numbers, metrics_of
from weavelite.verdicts.moves import GROUPS, Group
from weavelite.verdicts.runs import EvaluationRun, RunErrors, evaluation_run

__all__ = [
    "GROUPS",
    "ComparedCell",
    "ComparedMetric",
    "ComparedRow",
    "Comparison",
    "Decision",
    "EvaluationRun",
    "Group",
    "Metric",
    "MetricKind",
    "Remark",
    "RunErrors",
    "Verdict",
    "compare",
    "evaluation_run",
    "flat_numbers",
    "metrics_of",
    "row_digest",
]
