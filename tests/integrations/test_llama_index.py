"""LlamaIndex is traced by OpenInference's instrumentor, when asked."""

import os
from collections.abc import Callable
from typing import Any

import pytest

import weavelite
from weavelite import Call

from .fake_openai import TEXT, FakeOpenAI
from .needs import needs

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
needs("openinference.instrumentation.llama_index")
core = needs("llama_index.core")
from llama_index.core.llms import ChatMessage  # noqa: E402
from llama_index.llms.openai import OpenAI  # noqa: E402

Calls = Callable[[], list[Call]]
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def llm(server: FakeOpenAI, client: Any) -> Any:
    weavelite.patch("llama-index")
    return OpenAI(model="gpt-4o", api_base=server.base_url, api_key="secret-key", max_retries=0)


def test_a_query_is_a_tree(llm: Any, calls: Calls) -> None:
    """A query over an index is a tree with its retriever and model call, below its op."""
    embed = core.MockEmbedding(embed_dim=3)
    documents = [core.Document(text="It rains in Paris.")]
    index = core.VectorStoreIndex.from_documents(documents, embed_model=embed)

    @weavelite.op
    def ask() -> str:
        return str(index.as_query_engine(llm=llm).query("Weather?"))

    assert ask() == TEXT
    found = {call.op_name: call for call in calls()}
    assert found["RetrieverQueryEngine.query"].parent_id == found["ask"].id
    retriever = found["VectorIndexRetriever.retrieve"]
    assert (retriever.kind, retriever.inputs) == ("retriever", {"query": "Weather?"})
    assert retriever.output[0]["page_content"] == "It rains in Paris."
    model = found["OpenAI.chat"]
    assert (model.kind, model.input_tokens, model.output["content"]) == ("llm", 57, TEXT)
    assert "secret" not in "".join(f"{one.inputs} {one.attributes}" for one in calls())


def test_a_stream(llm: Any, calls: Calls) -> None:
    """A streamed answer is whole."""
    asked = [ChatMessage(role="user", content="Weather?")]
    assert list(llm.stream_chat(asked))[-1].message.content == TEXT
    streamed = next(call for call in calls() if call.op_name == "OpenAI.stream_chat")
    assert streamed.output["content"] == TEXT
