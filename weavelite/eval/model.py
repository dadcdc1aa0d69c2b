"""Models: versioned by their fields and by the code of the method that answers."""

from typing import Any

from weavelite.errors import EvaluationError
from weavelite.eval.wrapping import as_op
from weavelite.objects import Object
from weavelite.trace.op import state_of

METHODS = ("predict", "invoke", "infer", "forward")


class Model(Object):
    """Is the base of what is evaluated: typed fields, and one of predict, invoke, infer, forward.

    The method is an op with or without the decorator, so that its code is part of the version.
    """

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Makes the method that answers an op."""
        trace_methods(cls, METHODS)
        super().__pydantic_init_subclass__(**kwargs)

    def get_infer_method(self) -> Any:
        """Returns the bound method that answers; raises EvaluationError when there is none."""
        for name in METHODS:
            if state_of(getattr(type(self), name, None)) is not None:
                return getattr(self, name)
        raise EvaluationError(
            f"{type(self).__name__} cannot answer: give it a method named "
            f"{', '.join(METHODS[:-1])} or {METHODS[-1]}."
        )


def trace_methods(cls: type, names: tuple[str, ...]) -> None:
    """Makes methods that a class defines itself ops, where they are not yet."""
    for name in names:
        method = vars(cls).get(name)
        if callable(method) and state_of(method) is None:
            setattr(cls, name, as_op(method))
