"""Functions, objects and ops in their roles: as a model that answers, as a scorer that judges."""

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from weavelite.errors import EvaluationError
from weavelite.eval.arguments import OUTPUT_NAMES, Arguments, arguments_of
from weavelite.eval.cell import Answerer, Judge
from weavelite.eval.model import Model
from weavelite.eval.scorer import Scorer
from weavelite.eval.wrapping import as_known_op
from weavelite.refs import Ref
from weavelite.trace.context import SESSION
from weavelite.trace.loading import StoredOp
from weavelite.trace.op import OpState, state_of


def as_scorer(value: Any) -> Any:
    """Makes a scorer of what a user may give for one; raises ValueError."""
    if isinstance(value, Scorer | StoredOp | Ref):
        return value  # what is stored can be shown; it is refused when it has to run
    if isinstance(value, type) and issubclass(value, Scorer):
        raise ValueError(f"{value.__name__} is a class: give an object of it, {value.__name__}()")
    if callable(value):
        return as_known_op(value, "scorer")
    raise ValueError(f"{value!r} is not a scorer: give a function, an op or a Scorer object")


def scorer_name(scorer: Any) -> str:
    """Names a scorer: an object by its name or class, an op by its own name."""
    state = state_of(scorer)
    if state is not None:
        return state.name
    return str(scorer.name or type(scorer).__name__)


def state_for_sure(function: Any) -> OpState:
    """Returns what is known of an op; raises EvaluationError for what is none."""
    if isinstance(function, StoredOp):
        raise EvaluationError(
            f"{function.name} is stored code, which is not run: import or define the op in this "
            "program, and give it to the evaluation."
        )
    state = state_of(function)
    if state is None:
        raise EvaluationError(f"{function!r} is not an op: decorate it with @weavelite.op.")
    return state


def shown(value: Any) -> Any:
    """Makes the ref of an object once, instead of once a cell."""
    client = SESSION.tracing
    return value if client is None else client.publisher.save(value)


def as_model(value: Any) -> Any:
    """Makes what is evaluated something that has a ref, if it can be evaluated at all."""
    if isinstance(value, StoredAnswers):
        return value.ref
    is_function = callable(value) and not isinstance(value, Model | type)
    return as_known_op(value) if is_function else value


@dataclass(frozen=True, slots=True)
class StoredAnswers:
    """Stands for the model of a run in the store: it has answered, and answers nothing new."""

    run_id: str
    ref: str

    def answerer(self) -> Answerer:
        """Is the model made ready, to be shown."""
        return Answerer(run=_refuse, is_async=False, bound=(), arguments=_NOTHING, shown=self.ref)


_NOTHING = Arguments("what is in the store", (), (), False, {})


def _refuse(*_: Any, **__: Any) -> Any:
    raise EvaluationError("The store has nothing for this row, and what is stored does not run.")


def answerer(model: Any) -> Answerer:
    """Makes a model ready; raises EvaluationError for what cannot be one."""
    if isinstance(model, StoredAnswers):
        return model.answerer()
    if isinstance(model, Model):
        method = model.get_infer_method()
        what = f"{type(model).__name__}.{method.__name__}"
    elif isinstance(model, type):
        raise EvaluationError(f"{model.__name__} is a class: give an object of it.")
    elif callable(model):
        method = as_known_op(model)
        what = state_for_sure(method).name
    else:
        raise EvaluationError(
            f"{type(model).__name__} cannot be evaluated: give a Model, an op or a function."
        )
    bound = (method.__self__,) if hasattr(method, "__self__") else ()
    state = state_for_sure(method)
    return Answerer(
        run=method.call,
        is_async=_needs_loop(state),
        bound=bound,
        arguments=arguments_of(what, state.fn, skip=state.names[: len(bound)]),
        shown=shown(model if isinstance(model, Model) else method),
    )


def judge(scorer: Any) -> Judge:
    """Makes a scorer ready; raises EvaluationError when it takes no output."""
    name = scorer_name(scorer)
    if isinstance(scorer, Ref):
        return Judge(name, _refuse, False, (), _NOTHING, OUTPUT_NAMES[0], str(scorer))
    function: Any = scorer
    column_map = None
    bound = (scorer.__self__,) if hasattr(scorer, "__self__") else ()
    if isinstance(scorer, Scorer):
        function, bound, column_map = type(scorer).score, (scorer,), scorer.column_map
    state = state_for_sure(function)
    given_output = output_name(state.fn, f"Scorer {name}")
    return Judge(
        name=name,
        run=function.call,
        is_async=_needs_loop(state),
        bound=bound,
        arguments=arguments_of(
            f"Scorer {name}",
            state.fn,
            skip=(given_output, *state.names[: len(bound)]),
            column_map=column_map,
            wanted=scorer.wanted_columns() if isinstance(scorer, Scorer) else (),
        ),
        output_name=given_output,
        shown=shown(scorer),
    )


def _needs_loop(state: OpState) -> bool:
    fn = state.fn
    while isinstance(fn, functools.partial):
        fn = fn.func
    return inspect.iscoroutinefunction(fn) or inspect.isasyncgenfunction(fn)


def output_name(function: Callable[..., Any], what: str) -> str:
    """Finds the argument of a scorer that takes the output; raises EvaluationError."""
    parameters = inspect.signature(function).parameters
    for name in OUTPUT_NAMES:
        if name in parameters:
            return name
    if any(p.kind is p.VAR_KEYWORD for p in parameters.values()):
        return OUTPUT_NAMES[0]
    raise EvaluationError(
        f"{what} has no argument 'output': that is where it gets what the model returned."
    )
