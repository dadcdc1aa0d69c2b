"""Images and transcriptions of the openai SDK: what their responses and streams tell."""

from typing import Any

from weavelite.instrument import Result
from weavelite_integrations import _media
from weavelite_integrations._streams import dumped


def images_told(told: dict[str, Any]) -> Result:
    """Gives a response with its images as content."""
    kind = told.get("output_format")
    mimetype = f"image/{kind}" if kind and kind != "svg" else None
    images = [_image(item, mimetype) for item in told.get("data") or ()]
    return {**told, "data": images}, told.get("usage"), told.get("model")


def _image(item: dict[str, Any], mimetype: str | None) -> dict[str, Any]:
    text = item.get("b64_json")
    return {**item, "b64_json": _media.decoded(text, mimetype)} if text else item


class ImageSum:
    """Adds the events of an image that is made up to the response that they are."""

    def __init__(self) -> None:
        self.spoke = False
        self._last: dict[str, Any] = {}
        self._partial = 0

    def add(self, item: Any) -> bool:
        """Takes one event; of the drafts the last one is kept while there is nothing better."""
        self.spoke = True
        self._last = dumped(item)
        if self._last.get("type", "").endswith("partial_image"):
            self._partial += 1
        return False

    def complete(self) -> bool:
        """Tells whether the image is done."""
        return bool(self._last.get("type", "").endswith(".completed"))

    def result(self) -> Result:
        """Gives the response, with how many drafts came before."""
        told = {**self._last, "partial_images": self._partial}
        told.pop("type", None)
        image = told.pop("b64_json", None)
        told["data"] = [{"b64_json": image}] if image else []
        return images_told(told)


class TranscriptionSum:
    """Adds the events of a transcription up to its text."""

    def __init__(self) -> None:
        self.spoke = False
        self._text: list[str] = []
        self._segments: list[Any] = []
        self._done: dict[str, Any] | None = None

    def add(self, item: Any) -> bool:
        """Takes one event."""
        self.spoke = True
        match getattr(item, "type", None):
            case "transcript.text.delta":
                self._text.append(item.delta)
            case "transcript.text.segment":
                self._segments.append(dumped(item))
            case "transcript.text.done":
                self._done = dumped(item)
        return False

    def complete(self) -> bool:
        """Tells whether the whole text has come."""
        return self._done is not None

    def result(self) -> Result:
        """Gives the transcription as far as it came."""
        told = dict(self._done or {"text": "".join(self._text)})
        told.pop("type", None)
        if self._segments:
            told["segments"] = self._segments
        return told, told.get("usage"), None
