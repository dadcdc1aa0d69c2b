"""Bedrock by aiobotocore is traced as by boto3: awaited, whole and streamed."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

import weavelite
from weavelite import Call

from .fake_bedrock import ARGUMENTS, BODY, TEXT, running
from .needs import needs

needs("aiobotocore")
import aiobotocore.client  # noqa: E402
import aiobotocore.eventstream  # noqa: E402
import botocore.exceptions  # noqa: E402
from aiobotocore.session import get_session  # noqa: E402

from weavelite_integrations import bedrock as integration  # noqa: E402

Calls = Callable[[], list[Call]]
Only = Callable[[], Call]
With = Callable[[Callable[[Any], Awaitable[Any]]], Any]
ASK: dict[str, Any] = {
    "modelId": "anthropic.claude-small",
    "messages": [{"role": "user", "content": [{"text": "Weather in Paris?"}]}],
}
TOOL = {"toolSpec": {"name": "get_weather", "inputSchema": {"json": {"type": "object"}}}}
TOOLS = {"tools": [TOOL]}
INVOKE: dict[str, Any] = {"modelId": ASK["modelId"], "body": json.dumps({"max_tokens": 9})}
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def run(client: Any) -> Any:
    """Runs what is to be done with a client of a loop of its own."""
    integration.patch()

    def run(function: Callable[[Any], Awaitable[Any]]) -> Any:
        async def program() -> Any:
            with running() as bedrock:
                async with get_session().create_client(
                    "bedrock-runtime",
                    region_name="eu-west-1",
                    endpoint_url=bedrock.address,
                    aws_access_key_id="secret-id",
                    aws_secret_access_key="secret-key",
                ) as ai:
                    return await function(ai)

        return asyncio.run(program())

    yield run
    integration.unpatch()


def content(call: Call) -> Any:
    return call.output["output"]["message"]["content"]


def test_converse(run: With, only: Only) -> None:
    """An awaited request is a call with messages, answer, model and tokens, and no secret."""
    answer = run(lambda ai: ai.converse(**ASK))
    call = only()
    assert answer["output"]["message"]["content"] == content(call) == [{"text": TEXT}]
    assert (call.op_name, call.kind, call.model) == ("bedrock.converse", "llm", ASK["modelId"])
    assert (call.input_tokens, call.output_tokens) == (57, 17)
    assert call.attributes == {"provider": "aws.bedrock", "region": "eu-west-1"}
    assert "secret" not in f"{call.inputs} {call.output}"


@pytest.mark.parametrize("tools", [False, True])
def test_a_stream(run: With, only: Only, tools: bool) -> None:
    """A stream is aiobotocore's own to its reader, and one call with what it came to."""

    async def read(ai: Any) -> Any:
        stream = (await ai.converse_stream(**ASK, **({"toolConfig": TOOLS} if tools else {})))[
            "stream"
        ]
        assert isinstance(stream, aiobotocore.eventstream.AioEventStream)
        return [event async for event in stream]

    assert "metadata" in run(read)[-1]
    call = only()
    used = [{"toolUse": {"toolUseId": "t1", "name": "get_weather", "input": ARGUMENTS}}]
    assert content(call) == (used if tools else [{"text": TEXT}])
    assert (call.op_name, call.input_tokens) == ("bedrock.converse_stream", 57)
    assert "abandoned" not in call.attributes


def test_a_stream_that_is_left_or_breaks(run: With, calls: Calls) -> None:
    """Who closes a stream has what came on the call; an error in it is raised, and on the call."""

    async def read(ai: Any) -> None:
        stream = (await ai.converse_stream(**ASK))["stream"]
        async for event in stream:
            if "contentBlockDelta" in event:
                break
        stream.close()
        broken = (await ai.converse_stream(**{**ASK, "modelId": "breaks"}))["stream"]
        with pytest.raises(botocore.exceptions.EventStreamError):
            async for _ in broken:
                pass

    run(read)
    left, broken = calls()
    assert (left.status, content(left)) == ("success", [{"text": TEXT[:7]}])
    assert left.attributes["abandoned"] is True
    assert (broken.status, content(broken)) == ("error", [{"text": TEXT[:7]}])


def test_invoke_model(run: With, calls: Calls) -> None:
    """Bodies are read along as they are read: at once, in pieces, in a block, in chunks."""

    async def read(ai: Any) -> None:
        assert json.loads(await (await ai.invoke_model(**INVOKE))["body"].read()) == BODY
        pieces = [piece async for piece in (await ai.invoke_model(**INVOKE))["body"]]
        assert json.loads(b"".join(pieces)) == BODY
        async with (await ai.invoke_model(**INVOKE))["body"] as body:
            assert json.loads(await body.read()) == BODY
        answer = await ai.invoke_model_with_response_stream(**INVOKE)
        assert len([event async for event in answer["body"]]) == 2

    run(read)
    *bodies, chunks = calls()
    assert len(bodies) == 3
    for call in bodies:
        assert (call.output, call.inputs["body"]) == (BODY, {"max_tokens": 9})
        assert (call.input_tokens, call.output_tokens) == (57, 17)
    assert chunks.output[0]["delta"] == {"text": TEXT}
    assert (chunks.input_tokens, chunks.output_tokens) == (57, 17)


def test_an_error(run: With, only: Only) -> None:
    """An error is botocore's own, and on the call."""
    with pytest.raises(botocore.exceptions.ClientError, match="ValidationException"):
        run(lambda ai: ai.converse(**{**ASK, "modelId": "missing"}))
    assert "ValidationException" in str(only().error)


def test_nesting(run: With, calls: Calls) -> None:
    """Requests that run side by side are below the ops that make them."""

    @weavelite.op
    async def ask(ai: Any) -> Any:
        return (await ai.converse(**ASK))["stopReason"]

    async def both(ai: Any) -> Any:
        return await asyncio.gather(ask(ai), ask(ai))

    run(both)
    ops = {call.id for call in calls() if call.op_name == "ask"}
    assert {call.parent_id for call in calls() if call.kind == "llm"} == ops and len(ops) == 2


def test_it_can_be_taken_back(run: With, calls: Calls) -> None:
    """After unpatch the method is the one it was, and nothing is traced."""
    owner = aiobotocore.client.AioBaseClient
    integration.unpatch()
    before = owner._make_api_call
    integration.patch()
    integration.patch()
    run(lambda ai: ai.converse(**ASK))
    integration.unpatch()
    assert owner._make_api_call is before
    run(lambda ai: ai.converse(**ASK))
    assert len(calls()) == 1
