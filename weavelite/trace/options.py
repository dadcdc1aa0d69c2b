"""What an op, a client or one call may be asked beyond plain recording.

A plain op has none of it and pays for none of it: which it is, is known when it is decorated. The
functions of users that run here may fail: then nothing of what they were to change is kept, since
they may be there to hide something.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from weavelite.ids import parse_id, random_bits
from weavelite.trace import recording
from weavelite.trace.call import DROPPED, Call
from weavelite.trace.context import AROUND, innermost
from weavelite.trace.manual import DisplayName, describe

if TYPE_CHECKING:
    from weavelite.trace.client import Client
    from weavelite.trace.op import OpState

Inputs = dict[str, Any]
Step = Callable[[Any], Any]
OWN_ATTRIBUTE = "weave"
"""Is the attribute under which an op's colour is kept, as in Weave."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Says what becomes of the calls of an op, or of all calls of a client."""

    attributes: Mapping[str, Any] | None = None
    postprocess_inputs: Callable[[Inputs], Inputs] | None = None
    postprocess_output: Callable[[Any], Any] | None = None
    call_display_name: DisplayName | None = None
    tracing_sample_rate: float = 1.0
    accumulator: Callable[[Any, Any], Any] | None = None
    color: str | None = None
    eager_call_start: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.tracing_sample_rate <= 1:
            raise ValueError(
                f"tracing_sample_rate={self.tracing_sample_rate}: expected a number from 0 to 1."
            )
        if OWN_ATTRIBUTE in (self.attributes or {}):
            raise ValueError(f"The attribute {OWN_ATTRIBUTE!r} is taken: choose another name.")

    def inputs(self, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        """Makes what is kept of inputs."""
        if self.postprocess_inputs is None:
            return inputs
        return processed(self.postprocess_inputs, dict(inputs), "postprocess_inputs") or {}

    def output(self, output: Any) -> Any:
        """Makes what is kept of an output."""
        if self.postprocess_output is None:
            return output
        return processed(self.postprocess_output, output, "postprocess_output")

    def all_attributes(self) -> dict[str, Any]:
        """Are the attributes, and the colour among them."""
        own = {OWN_ATTRIBUTE: {"color": self.color}} if self.color is not None else {}
        return {**(self.attributes or {}), **own}


PLAIN = Options()


def processed(function: Callable[[Any], Any], value: Any, what: str) -> Any:
    """Applies a function of the user's; None when it fails."""
    made: list[Any] = []
    recording.guarded(lambda: made.append(function(value)), f"{what} failed, and nothing is kept")
    return made[0] if made else None


def begin(
    state: "OpState", client: "Client", inputs: Mapping[str, Any], override: Mapping[str, Any]
) -> Call | None:
    """Starts a call of an op that has options, or of one that has some for this call."""
    try:
        options = state.options or PLAIN
        parent = innermost()
        root = parent is None and client.parent is None
        if root and options.tracing_sample_rate < random_bits(53) / (1 << 53):
            return DROPPED
        if parent is not None and parent.is_dropped:
            return None
        state.bind(client.publisher, type(next(iter(inputs.values()), None)))
        wanted = override.get("call_id")
        identity = parse_id(str(wanted)) if wanted else None
        kept = options.inputs(inputs)
        call = recording.start(client, state, kept, parent, identity=identity)
        recording.guarded(lambda: _dress(call, options, override), "an option of a call failed")
        return call
    except Exception:
        recording.complain("a call could not be recorded")
        return None


def _dress(call: Call, options: Options, override: Mapping[str, Any]) -> None:
    call.accumulator = options.accumulator
    if options.postprocess_output is not None:  # first of all: it may be there to hide something
        call.shown = _both(options.output, call.shown)
    own = options.all_attributes()
    if own:
        around = AROUND.get()
        inner = around.attributes if around is not None else None
        call._attributes = {**(call._attributes or {}), **own, **(inner or {})}
    shown = override.get("display_name") or options.call_display_name
    describe(call, override.get("attributes"), shown)
    if options.eager_call_start:
        recording.announce(call)


def _both(first: Step, second: Step | None) -> Step:
    return first if second is None else lambda value: second(first(value))
