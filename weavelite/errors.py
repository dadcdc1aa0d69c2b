"""Every error that weavelite raises, as one tree.

WeaveliteError
├── SettingError            a WEAVELITE_* variable or an argument of init cannot be used
├── InvalidNameError        a project, object or alias has a name that cannot be used
├── NotStartedError         something needs weavelite.init() first
├── NotFoundError           what a ref, an id or a name points to is not in the store
├── QueryError              a filter, sort or page of calls cannot be understood
│   └── SearchError         the text of a search cannot; it tells where in it
├── NotReadError            a call was read with some columns, and this is another one
├── ContentError            bytes, base64 or an address cannot be made into content
├── StoreError              the store cannot be opened, read or written
│   └── SchemaError         the store was made by a newer weavelite
├── MissingExtraError       an optional package is not installed
├── PromptError             a prompt lacks a value, or cannot be filled in
├── EvaluationError         an evaluation is put together in a way that cannot run
├── ReplayError             a captured call cannot be run again by what this program has
└── JudgeError              a language model that judges gave no judgement that can be read

Each message names the thing and says what to do.
"""

from collections.abc import Sequence


class WeaveliteError(Exception):
    """Is the root of everything that weavelite raises."""


class SettingError(WeaveliteError):
    """Says that a setting has a value that cannot be used."""


class InvalidNameError(WeaveliteError, ValueError):
    """Says that a name has characters or a length that are not allowed."""


class NotStartedError(WeaveliteError):
    """Says that `weavelite.init()` has to come first."""

    def __init__(self, what: str) -> None:
        super().__init__(f'{what} needs a project: call weavelite.init("my-project") first.')


class NotFoundError(WeaveliteError, LookupError):
    """Says that what was asked for is not in the store."""


class QueryError(WeaveliteError, ValueError):
    """Says that a filter, a sort order or a page cannot be understood."""


class SearchError(QueryError):
    """Says what is wrong with the text of a search, from its character `start` to `end`."""

    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(f"{message} (at character {start + 1} of the search)")
        self.message, self.start, self.end = message, start, end


class NotReadError(WeaveliteError, AttributeError):
    """Says that a column of a call was not asked for."""

    def __init__(self, name: str, columns: Sequence[str]) -> None:
        super().__init__(
            f"Of this call only {', '.join(columns)} was read: "
            f"add {name!r} to the columns of get_calls."
        )


class ContentError(WeaveliteError, ValueError):
    """Says that content cannot be made of what was given."""


class StoreError(WeaveliteError):
    """Says that the store cannot be opened, read or written."""


class SchemaError(StoreError):
    """Says that the store was made by a newer weavelite."""


class MissingExtraError(WeaveliteError, ImportError):
    """Says which optional package has to be installed."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(f'{what} needs an extra: pip install "weavelite[{extra}]"')


class PromptError(WeaveliteError, KeyError):
    """Says that a prompt lacks a value, or cannot be filled in."""

    __str__ = Exception.__str__  # a KeyError quotes what it says


class EvaluationError(WeaveliteError, ValueError):
    """Says that an evaluation is put together in a way that cannot run."""


class JudgeError(WeaveliteError):
    """Says that a language model that judges gave no judgement that can be read."""


class ReplayError(WeaveliteError):
    """Says that a captured call cannot be run again by what this program has."""
