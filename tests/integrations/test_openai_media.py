"""The openai SDK besides chat: images, sound, moderations, completions; kept as what they are."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import weavelite
from weavelite import Call, Content

from .needs import needs

openai = needs("openai")
from .fake_openai import RESPONSE_USAGE, TEXT, FakeOpenAI  # noqa: E402
from .fake_openai_media import HEARD, HEARD_USAGE, PICTURE, SPOKEN  # noqa: E402
from .openai_clients import with_async_client  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of older endpoints
Only = Callable[[], Call]
Calls = Callable[[], list[Call]]


def is_picture(value: Any) -> bool:
    return isinstance(value, Content) and (value.data, value.mimetype) == (PICTURE, "image/png")


def is_speech(value: Any) -> bool:
    return isinstance(value, Content) and (value.data, value.mimetype) == (SPOKEN, "audio/mpeg")


def test_images_are_content(ai: Any, only: Only) -> None:
    """A generated image is kept as an image, with the tokens that it took."""
    answer = ai.images.generate(model="gpt-image", prompt="rain", n=2)
    call = only()
    assert len(answer.data[0].b64_json) > 1000
    assert (call.op_name, call.kind, call.model) == ("openai.images.generate", "llm", "gpt-image")
    assert [is_picture(image["b64_json"]) for image in call.output["data"]] == [True, True]
    assert (call.input_tokens, call.output_tokens) == (12, 272)


def test_the_files_of_a_request_are_content(ai: Any, tmp_path: Path, calls: Calls) -> None:
    """Images to be edited are kept, given as bytes, path, open file or tuple, and sent unharmed."""
    path = tmp_path / "in.png"
    path.write_bytes(PICTURE)
    file = io.BytesIO(PICTURE)
    given = [PICTURE, path, file, file, ("a.png", PICTURE), ("a", PICTURE, "image/png")]
    for image in given:
        ai.images.edit(model="m", image=image, prompt="more rain", mask=path)
    ai.images.edit(model="m", image=[PICTURE, path], prompt="both")
    ai.images.create_variation(image=PICTURE)
    *single, several, varied = calls()
    assert all(is_picture(call.inputs["image"]) for call in [*single, varied])
    assert all(is_picture(call.inputs["mask"]) for call in single)
    assert [is_picture(image) for image in several.inputs["image"]] == [True, True]


def test_files_arrive_as_they_are(ai: Any, server: FakeOpenAI, only: Only) -> None:
    """An open file is sent as it would be, and recorded whole, as it is sent."""
    file = io.BytesIO(SPOKEN)
    file.seek(6)
    file.name = "/secret/place/said.mp3"
    ai.audio.transcriptions.create(model="m", file=file)
    assert server.asked[-1]["file"] == SPOKEN
    heard = only().inputs["file"]
    assert (heard.data, heard.filename) == (SPOKEN, "said.mp3")


class Pipe(io.BytesIO):
    def seekable(self) -> bool:
        return False


def test_what_can_be_read_only_once_is_left_to_the_sdk(
    ai: Any, server: FakeOpenAI, only: Only
) -> None:
    """A file that cannot go back is not read by weavelite."""
    ai.audio.transcriptions.create(model="m", file=("a.mp3", Pipe(SPOKEN)))
    assert server.asked[-1]["file"] == SPOKEN
    assert only().inputs["file"] == "<Pipe that can be read only once>"


def test_a_file_that_is_not_there_is_the_sdks_to_meet(ai: Any, only: Only) -> None:
    """A path without a file raises what the SDK raises, and that is recorded."""
    with pytest.raises(FileNotFoundError):
        ai.audio.transcriptions.create(model="m", file=Path("/does/not/exist.mp3"))
    assert "FileNotFoundError" in str(only().error)


def test_a_streamed_image(ai: Any, calls: Calls) -> None:
    """An image that comes in drafts is one call with the last of them, and their number."""
    for method, more in ((ai.images.generate, {}), (ai.images.edit, {"image": PICTURE})):
        events = list(method(model="m", prompt="rain", stream=True, partial_images=1, **more))
        assert [event.type.rpartition(".")[2] for event in events] == ["partial_image", "completed"]
    for call in calls():
        assert is_picture(call.output["data"][0]["b64_json"])
        assert (call.output["partial_images"], call.output_tokens) == (1, 272)
        assert "abandoned" not in call.attributes


def test_a_streamed_image_that_is_left(ai: Any, only: Only) -> None:
    """Who leaves before the image is done has the draft on the call."""
    with ai.images.generate(model="m", prompt="rain", stream=True, partial_images=1) as stream:
        next(iter(stream))
    call = only()
    assert call.attributes["abandoned"] is True
    assert call.output["data"][0]["b64_json"].mimetype == "image/png"


def test_images_cross_the_chat_as_content(ai: Any, only: Only, tmp_path: Path) -> None:
    """An image in a message is kept once by its digest, not as text, and read back as it was."""
    url = Content.from_bytes(PICTURE).to_data_url()
    part = {"type": "image_url", "image_url": {"url": url}}
    messages = [{"role": "user", "content": [{"type": "text", "text": "What is it?"}, part]}]
    ai.chat.completions.create(model="m", messages=messages)
    assert only().inputs["messages"] == messages
    weavelite.finish()
    stored = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert url.partition(",")[2][:400].encode() not in stored


def test_speech_is_content(ai: Any, calls: Calls, tmp_path: Path) -> None:
    """Speech is kept as sound: read at once, raw, or while it streams into a file."""
    asked = {"model": "tts", "voice": "alloy", "input": TEXT}
    assert ai.audio.speech.create(**asked).content == SPOKEN
    assert ai.audio.speech.with_raw_response.create(**asked).content == SPOKEN
    with ai.audio.speech.with_streaming_response.create(**asked) as response:
        response.stream_to_file(tmp_path / "said.mp3")
    assert (tmp_path / "said.mp3").read_bytes() == SPOKEN
    for call in calls():
        assert (call.op_name, call.model) == ("openai.audio.speech.create", "tts")
        assert call.inputs == asked
        assert is_speech(call.output)


def test_speech_that_is_left(ai: Any, only: Only) -> None:
    """Of speech that is not heard to its end, what was heard is kept."""
    methods = ai.audio.speech.with_streaming_response
    with methods.create(model="tts", voice="alloy", input=TEXT) as response:
        heard = next(response.iter_bytes(1000))
    call = only()
    assert call.status == "success"
    assert call.output.data[: len(heard)] == heard


def test_async_speech(server: FakeOpenAI, client: Any, calls: Calls, tmp_path: Path) -> None:
    """The async client's speech is kept alike."""
    asked = {"model": "tts", "voice": "alloy", "input": TEXT}

    async def use(ai: Any) -> None:
        assert (await ai.audio.speech.create(**asked)).content == SPOKEN
        assert (await ai.audio.speech.with_raw_response.create(**asked)).content == SPOKEN
        async with ai.audio.speech.with_streaming_response.create(**asked) as response:
            pieces = [piece async for piece in response.iter_bytes()]
        assert b"".join(pieces) == SPOKEN

    with_async_client(server, use)
    assert [is_speech(call.output) for call in calls()] == [True, True, True]


def test_transcriptions(ai: Any, calls: Calls) -> None:
    """A transcription is a call with the sound and the text, in every format, and translated."""
    file = ("said.mp3", SPOKEN)
    ai.audio.transcriptions.create(model="m", file=file)
    assert ai.audio.transcriptions.create(model="m", file=file, response_format="text") == HEARD
    events = list(ai.audio.transcriptions.create(model="m", file=file, stream=True))
    ai.audio.translations.create(model="m", file=file)
    plain, text, streamed, translated = calls()
    assert len(events) == 6
    assert all(is_speech(call.inputs["file"]) for call in calls())
    assert text.output == HEARD
    for call in (plain, streamed, translated):
        assert call.output["text"] == HEARD
        assert (call.input_tokens, call.output_tokens) == (14, 6)
    assert streamed.output["usage"] == HEARD_USAGE
    assert "time_to_first_token_s" in streamed.attributes


def test_a_transcription_that_is_left(ai: Any, only: Only) -> None:
    """Of a transcription that is left, the words that came are kept."""
    with ai.audio.transcriptions.create(model="m", file=("a.mp3", SPOKEN), stream=True) as stream:
        next(iter(stream))
    assert (only().output["text"], only().attributes["abandoned"]) == ("It ", True)


def test_async_media(server: FakeOpenAI, client: Any, calls: Calls) -> None:
    """Images, transcriptions and moderations of the async client are recorded alike."""

    async def use(ai: Any) -> None:
        await ai.images.generate(model="m", prompt="rain")
        events = await ai.images.generate(model="m", prompt="rain", stream=True)
        assert len([event async for event in events]) == 2
        await ai.audio.transcriptions.create(model="m", file=("a.mp3", SPOKEN))
        heard = await ai.audio.transcriptions.create(model="m", file=("a", SPOKEN), stream=True)
        assert len([event async for event in heard]) == 6
        await ai.moderations.create(input="x")

    with_async_client(server, use)
    drawn, drafted, heard, streamed, judged = calls()
    assert is_picture(drawn.output["data"][0]["b64_json"])
    assert is_picture(drafted.output["data"][0]["b64_json"])
    assert heard.output["text"] == streamed.output["text"] == HEARD
    assert judged.output["results"][0]["flagged"] is True


def test_moderations(ai: Any, only: Only) -> None:
    """A moderation is a call with what was judged and the judgement."""
    ai.moderations.create(model="omni", input=["rain", "fire"])
    call = only()
    assert (call.op_name, call.inputs["input"]) == ("openai.moderations.create", ["rain", "fire"])
    assert call.output["results"][0]["categories"] == {"violence": True}
    assert call.model == "omni-moderation"


def test_completions_of_text(ai: Any, calls: Calls) -> None:
    """The older completions are traced, plain and streamed."""
    ai.completions.create(model="m", prompt="Weather?")
    list(ai.completions.create(model="m", prompt="Weather?", stream=True))
    plain, streamed = calls()
    assert plain.output["choices"][0]["text"] == TEXT
    assert streamed.output["choices"][0]["text"].strip() == TEXT
    assert {(call.input_tokens, call.model) for call in calls()} == {(57, "m-2026-01-01")}


def test_a_conversation_that_is_compacted(ai: Any, only: Only) -> None:
    """Compacting a conversation is a call with its tokens."""
    if not hasattr(ai.responses, "compact"):
        pytest.skip("this openai has no responses.compact")
    ai.responses.compact(model="m", input="hello")
    assert only().output["usage"] == RESPONSE_USAGE
    assert only().output_tokens == 17


def test_an_error_of_each(ai: Any, calls: Calls) -> None:
    """An error of the provider is raised as it is, and recorded."""
    requests = [
        lambda: ai.images.generate(model="missing", prompt="x"),
        lambda: ai.audio.speech.create(model="missing", voice="alloy", input="x"),
        lambda: ai.audio.transcriptions.create(model="missing", file=("a", SPOKEN)),
        lambda: ai.moderations.create(model="missing", input="x"),
        lambda: ai.completions.create(model="missing", prompt="x"),
    ]
    for request in requests:
        with pytest.raises(openai.NotFoundError):
            request()
    assert [call.status for call in calls()] == ["error"] * 5
    assert all("NotFoundError" in str(call.error) for call in calls())
