"""What LiteLLM answers, whole and in streams."""

from typing import Any

from weavelite.instrument import Result
from weavelite_integrations import _media
from weavelite_integrations._openai_media import images_told
from weavelite_integrations._openai_sums import ChatSum, TextSum
from weavelite_integrations._streams import dumped


def told(value: Any) -> Result:
    """Gives what an answer of LiteLLM tells: of embeddings the size, of sound the content."""
    if not hasattr(value, "model_dump"):
        response = getattr(value, "response", None)
        return (value if response is None else _media.body(response, response.content)), None, None
    said = _without_nothing(dumped(value))
    usage, model = said.get("usage"), said.get("model")
    items = said.get("data")
    if isinstance(items, list) and items and isinstance(items[0], dict):
        if "embedding" in items[0]:
            said["data"] = {
                "embeddings": len(items),
                "dimensions": len(items[0]["embedding"] or ()),
            }
        elif items[0].get("b64_json"):
            return images_told(said)
    return said, usage, model


def routed_told(value: Any) -> Result:
    """Gives an answer that came by the Router: its tokens are those of the call below."""
    return told(value)[0], None, None


def _without_nothing(value: Any) -> Any:
    """Leaves out the fields that LiteLLM fills with None for each that any provider has."""
    if isinstance(value, dict):
        return {
            name: _without_nothing(item)
            for name, item in value.items()
            if item is not None or name == "content"
        }
    if isinstance(value, list):
        return [_without_nothing(item) for item in value]
    return value


class CompletionSum:
    """Adds up a stream of LiteLLM, which has chunks of chat or of text."""

    def __init__(self) -> None:
        self.spoke = False
        self._sum: ChatSum | TextSum | None = None

    def add(self, item: Any) -> None:
        """Takes one chunk."""
        if self._sum is None:
            choices = getattr(item, "choices", None) or [None]
            chat = hasattr(choices[0], "delta")
            self._sum = ChatSum() if chat else TextSum()
        self._sum.add(item)
        self.spoke = self._sum.spoke

    def complete(self) -> bool:
        """Tells whether each choice has a reason to be over."""
        return self._sum is not None and self._sum.complete()

    def result(self) -> Result:
        """Gives the completion as far as it came."""
        if self._sum is None:
            return None, None, None
        output, usage, model = self._sum.result()
        return _without_nothing(output), _without_nothing(usage), model


class RoutedSum(CompletionSum):
    """Adds up a stream that came by the Router."""

    def result(self) -> Result:
        """Gives the completion; its tokens are those of the call below."""
        return super().result()[0], None, None
