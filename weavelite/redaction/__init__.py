"""Secrets are taken out of everything before it is written anywhere: the one place for it.

`Redactor` takes finished JSON, since all that is recorded passes by as that, whatever its source.
Nearly always there is nothing to find, and a search by the regexes of pydantic's core, which look
for hundreds of literals at once and take linear time, says so within a microsecond. Only where it
finds something is the JSON read and walked.
"""

from weavelite.redaction.figures import figures_of, name_of_error
from weavelite.redaction.kinds import KINDS, REDACTED
from weavelite.redaction.redactor import FAILED, Redactor, Wanted, make_redactor

__all__ = [
    "FAILED",
    "KINDS",
    "REDACTED",
    "Redactor",
    "Wanted",
    "figures_of",
    "make_redactor",
    "name_of_error",
]
