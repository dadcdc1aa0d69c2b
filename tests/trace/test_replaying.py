"""A captured call is run again by the program's own code, and says what it repeats."""

import asyncio
import gc

import pytest

import weavelite
from weavelite.errors import NotFoundError


@weavelite.op
def greet(name: str, options: dict | None = None, *more: str, **rest: str) -> str:
    return " ".join(["hello", name, *more, *rest.values(), str((options or {}).get("tone"))])


class Greeter(weavelite.Model):
    greeting: str

    def predict(self, names: list[str]) -> str:
        return f"{self.greeting} {' and '.join(names)}"


def captured(client):
    return list(client.get_calls())[-1]


def test_the_same_again(client):
    """Without changes the function gets what it got, and the new call names the old one."""
    greet("you", {"tone": "kind"}, "and", "me", z="now")
    before = captured(client)
    after = before.replay()
    assert after.id != before.id and after.parent_id is None
    assert (after.inputs, after.output) == (before.inputs, before.output)
    assert after.attributes == {"replay_of": before.id}


def test_inputs_are_changed_by_path(client):
    """A new value stands at its path, and the captured call stays as it was."""
    greet("you", {"tone": "kind", "size": 1})
    before = captured(client)
    after = before.replay(name="they", **{"inputs.options.tone": "dry"})
    assert after.inputs["options"] == {"tone": "dry", "size": 1}
    assert after.output == "hello they dry"
    assert captured(client).id == after.id
    assert client.get_call(before.id).inputs["name"] == "you"


def test_a_model_is_read_back(client):
    """The object of a method comes from the store; its fields and items of lists can be changed."""
    Greeter(greeting="Hello").predict(["you", "me"])
    after = captured(client).replay(**{"self.greeting": "Bye", "names.1": "they"})
    assert after.output == "Bye you and they"
    assert client.get(after.inputs["self"]).greeting == "Bye"


def test_other_code_can_be_given(client):
    """A function that is given is run in the place of the one that was captured, op or not."""
    greet("you")
    before = captured(client)
    assert before.replay(lambda name, options: name.upper()).output == "YOU"


def test_of_ops_of_one_name_the_one_that_was_called_runs(client):
    """Of namesakes a call's own version is replayed, and where it is gone the newest."""
    ops = [weavelite.op(lambda x, n=n: n * x, name="namesake") for n in range(2)]
    ops += [weavelite.op(fn, name="namesake") for fn in (lambda x: -x, lambda x: [x])]
    ops[2](1)
    call = captured(client)
    assert call.replay(x=3).output == -3
    del ops[2]
    gc.collect()
    assert call.replay(x=3).output == [3]


@pytest.mark.parametrize("version", ["latest", "v0", ""])
def test_an_op_is_read_back_as_the_programs_own(client, version):
    """However its version is named, a ref of an op that the program has gives that op."""
    greet("you")
    call = captured(client)
    ref = f"weave:///{client.project}/op/greet:{version or call.op_digest}"
    assert client.get(ref)("me") == "hello me None"


def test_what_is_raised_is_on_the_call(client):
    """A function that fails gives a call with the error."""

    def fails(name, options):
        raise ValueError("no")

    greet("you")
    after = captured(client).replay(fails)
    assert after.status == "error" and "ValueError: no" in after.error


def test_coroutines_and_streams_are_run_to_their_end(client):
    """Async functions are awaited, also inside of a loop, and generators are taken whole."""

    @weavelite.op
    async def later(n):
        return n + 1

    @weavelite.op
    def stream(n):
        yield from range(n)

    @weavelite.op
    async def later_stream(n):
        for i in range(n):
            yield i

    async def all_of_it():
        await later(1)
        assert list(stream(2)) == [0, 1]
        assert [i async for i in later_stream(2)] == [0, 1]
        first, second, third = client.get_calls()
        assert first.replay(n=5).output == 6
        assert second.replay(n=3).output == [0, 1, 2]
        return third.replay(n=3).output

    assert asyncio.run(all_of_it()) == [0, 1, 2]


def test_what_is_not_there_is_said(client):
    """A path that leads nowhere, and an op that the program does not have, are named."""
    greet("you", {"tone": "kind"})
    before = captured(client)
    with pytest.raises(NotFoundError, match="name, options"):
        before.replay(**{"self.x": 1})
    weavelite.log_call("somebody.elses", {"x": 1}, 2)
    with pytest.raises(NotFoundError, match=r"somebody\.elses"):
        captured(client).replay()
