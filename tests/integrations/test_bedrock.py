"""Bedrock by boto3 is traced: Converse and InvokeModel, whole and streamed."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import weavelite
from weavelite import Call, Content

from .fake_bedrock import ARGUMENTS, BODY, TEXT, FakeBedrock, running
from .fake_openai_media import PICTURE
from .needs import needs

boto3 = needs("boto3")
import botocore.client  # noqa: E402
import botocore.exceptions  # noqa: E402

from weavelite_integrations import bedrock as integration  # noqa: E402

Calls = Callable[[], list[Call]]
Only = Callable[[], Call]
ASK: dict[str, Any] = {
    "modelId": "anthropic.claude-small",
    "messages": [{"role": "user", "content": [{"text": "Weather in Paris?"}]}],
}
TOOLS = {
    "tools": [{"toolSpec": {"name": "get_weather", "inputSchema": {"json": {"type": "object"}}}}]
}
INVOKE: dict[str, Any] = {
    "modelId": "anthropic.claude-small",
    "body": json.dumps({"max_tokens": 9}),
}
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def bedrock() -> Iterator[FakeBedrock]:
    with running() as server:
        yield server


@pytest.fixture
def ai(bedrock: FakeBedrock, client: Any) -> Iterator[Any]:
    integration.patch()
    yield boto3.client(
        "bedrock-runtime",
        region_name="eu-west-1",
        endpoint_url=bedrock.address,
        aws_access_key_id="secret-id",
        aws_secret_access_key="secret-key",
        config=botocore.config.Config(retries={"max_attempts": 0}),
    )
    integration.unpatch()


def content(call: Call) -> Any:
    return call.output["output"]["message"]["content"]


def test_converse(ai: Any, only: Only) -> None:
    """A request is a call with messages, answer, model and disjoint tokens, and no secret."""
    answer = ai.converse(**ASK, system=[{"text": "Be terse."}])
    call = only()
    assert answer["output"]["message"]["content"] == content(call) == [{"text": TEXT}]
    assert (call.op_name, call.kind, call.model) == ("bedrock.converse", "llm", ASK["modelId"])
    assert call.inputs["messages"] == ASK["messages"]
    assert (call.input_tokens, call.output_tokens) == (57, 17)
    assert call.attributes == {"provider": "aws.bedrock", "region": "eu-west-1"}
    assert "secret" not in f"{call.inputs} {call.output}"


@pytest.mark.parametrize("tools", [False, True])
def test_a_stream(ai: Any, only: Only, tools: bool) -> None:
    """A stream is botocore's own to its reader, and one call with what it came to."""
    asked = {**ASK, "toolConfig": TOOLS} if tools else ASK
    answer = ai.converse_stream(**asked)
    assert isinstance(answer["stream"], botocore.eventstream.EventStream)
    events = list(answer["stream"])
    assert "metadata" in events[-1]
    call = only()
    used = [{"toolUse": {"toolUseId": "t1", "name": "get_weather", "input": ARGUMENTS}}]
    assert content(call) == (used if tools else [{"text": TEXT}])
    assert (call.op_name, call.input_tokens) == ("bedrock.converse_stream", 57)
    assert call.attributes["time_to_first_token_s"] > 0
    assert "abandoned" not in call.attributes


def test_a_stream_that_is_left(ai: Any, only: Only) -> None:
    """Who closes a stream has what came on the call, and no error."""
    stream = ai.converse_stream(**ASK)["stream"]
    for event in stream:
        if "contentBlockDelta" in event:
            break
    stream.close()
    call = only()
    assert (call.status, content(call)) == ("success", [{"text": TEXT[:7]}])
    assert call.attributes["abandoned"] is True


def test_a_stream_that_breaks(ai: Any, only: Only) -> None:
    """An error in a stream is raised as it is, and on the call with what came."""
    with pytest.raises(botocore.exceptions.EventStreamError):
        list(ai.converse_stream(**{**ASK, "modelId": "breaks"})["stream"])
    assert (only().status, content(only())) == ("error", [{"text": TEXT[:7]}])


def test_tools(ai: Any, only: Only) -> None:
    """The tools that are offered and used are recorded."""
    ai.converse(**ASK, toolConfig=TOOLS)
    call = only()
    assert call.inputs["toolConfig"] == TOOLS
    assert content(call)[0]["toolUse"]["input"] == ARGUMENTS


def test_images_are_content(ai: Any, only: Only) -> None:
    """An image in a message is kept as an image, and sent as it was."""
    image = {"format": "png", "source": {"bytes": PICTURE}}
    ai.converse(**{**ASK, "messages": [{"role": "user", "content": [{"image": image}]}]})
    kept = only().inputs["messages"][0]["content"][0]["image"]["source"]["bytes"]
    assert isinstance(kept, Content)
    assert (kept.data, kept.mimetype) == (PICTURE, "image/png")


def test_invoke_model(ai: Any, calls: Calls) -> None:
    """Bodies are read along as they are read: at once, in pieces, in chunks, not at all."""
    assert json.loads(ai.invoke_model(**INVOKE)["body"].read()) == BODY
    body = ai.invoke_model(**INVOKE)["body"]
    assert b"".join(iter(lambda: body.read(10), b"")) == json.dumps(BODY).encode()
    events = list(ai.invoke_model_with_response_stream(**INVOKE)["body"])
    assert len(events) == 2
    ai.invoke_model(**INVOKE)["body"].close()
    at_once, pieces, chunks, unread = calls()
    for call in (at_once, pieces):
        assert (call.output, call.inputs["body"]) == (BODY, {"max_tokens": 9})
        assert (call.input_tokens, call.output_tokens) == (57, 17)
    assert chunks.output[0]["delta"] == {"text": TEXT}
    assert (chunks.input_tokens, chunks.output_tokens) == (57, 17)
    assert unread.status == "success"


def test_an_error(ai: Any, only: Only) -> None:
    """An error is botocore's own, and on the call."""
    with pytest.raises(ai.exceptions.ValidationException):
        ai.converse(**{**ASK, "modelId": "missing"})
    assert "ValidationException" in str(only().error)


def test_nesting(ai: Any, calls: Calls) -> None:
    """A request is below the op that makes it."""

    @weavelite.op
    def ask() -> Any:
        return ai.converse(**ASK)["stopReason"]

    ask()
    above, call = calls()
    assert call.parent_id == above.id


def test_it_can_be_taken_back(ai: Any, calls: Calls) -> None:
    """After unpatch botocore's method is the one it was, and nothing is traced."""
    owner = botocore.client.BaseClient
    integration.unpatch()
    before = owner._make_api_call
    integration.patch()
    integration.patch()
    ai.converse(**ASK)
    assert len(calls()) == 1
    integration.unpatch()
    assert owner._make_api_call is before
    ai.converse(**ASK)
    assert len(calls()) == 1
