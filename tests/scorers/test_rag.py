"""Scorers of retrieval, summaries and meaning, through the real openai client."""

import base64
import json
import struct

import pytest

from weavelite.errors import EvaluationError, JudgeError
from weavelite.scorers import (
    ContextEntityRecallScorer,
    ContextRelevancyScorer,
    EmbeddingSimilarityScorer,
    FaithfulnessScorer,
    HallucinationFreeScorer,
    LLMAsAJudgeScorer,
    OpenAIModerationScorer,
    SummarizationScorer,
)

from .fake_endpoint import embeddings


def by_schema(**answers):
    """Answers each form, known by its name, with a value or by a function of what is shown."""

    def answer(asked):
        said = answers[asked["response_format"]["json_schema"]["name"]]
        shown = asked["messages"][-1]["content"]
        return json.dumps(said(shown) if callable(said) else said)

    return answer


def test_entity_recall_is_of_the_outputs_names(endpoint, run):
    """The recall is the part of the output's names that the context has, whatever the case."""
    endpoint.answer = by_schema(
        Entities=lambda shown: {"entities": ["Paris ", "SEINE"] if "out" in shown else ["paris"]}
    )
    scorer = ContextEntityRecallScorer(base_url=endpoint.base_url)
    score = run(scorer.score(output="out", context="known"))
    assert score == {"recall": 0.5, "entities": ["paris", "seine"], "missing": ["seine"]}
    endpoint.answer = by_schema(Entities={"entities": []})
    assert run(scorer.score(output="out", context="known"))["recall"] == 0


def test_context_relevancy_is_weaves(endpoint, run):
    """The score is 0 or 1 with a reasoning; anything else is asked for again, then an error."""
    endpoint.answers('{"reasoning": "r", "relevancy_score": 1}')
    scorer = ContextRelevancyScorer(base_url=endpoint.base_url)
    score = run(scorer.score(output="q", context="c"))
    assert score == {"reasoning": "r", "relevancy_score": 1}
    endpoint.answers('{"reasoning": "r", "relevancy_score": 0.5}')
    with pytest.raises(JudgeError, match="relevancy_score"):
        run(scorer.score(output="q", context="c"))


def test_hallucinations_are_weaves(endpoint, run):
    """The score has Weave's keys, and a hallucination is not better."""
    said = {
        "chain_of_thought": "t",
        "reasonings": [{"hallucination_type": "invented", "observation": "o"}],
        "conclusion": "c",
        "has_hallucination": True,
    }
    endpoint.answers(json.dumps(said))
    scorer = HallucinationFreeScorer(base_url=endpoint.base_url)
    assert run(scorer.score(output="o", context="c")) == said
    assert scorer.higher_is_better == {"has_hallucination": False}


def test_prompts_for_weave_have_places(endpoint, run):
    """A prompt with places for the texts is filled, each text between tags of its own."""
    endpoint.answers('{"reasoning": "r", "relevancy_score": 0}')
    prompt = "Question: {question}\nContext: {context}\nRelevancy Score (0-1):"
    scorer = ContextRelevancyScorer(base_url=endpoint.base_url, relevancy_prompt=prompt)
    run(scorer.score(output="Why {context}?", context="Because."))
    shown = endpoint.asked[0]["messages"][-1]["content"]
    assert shown.startswith("Question: <question-") and shown.endswith("Relevancy Score (0-1):")
    assert "Why {context}?" in shown and shown.count("Because.") == 1


def test_faithfulness_is_a_share_of_claims(endpoint, run):
    """Faithfulness is the part of the claims that the context bears out; the others are listed."""

    def claim(text, supported):
        return {"claim": text, "explanation": "e", "supported": supported}

    scorer = FaithfulnessScorer(base_url=endpoint.base_url)
    endpoint.answers(json.dumps({"claims": [claim("a", True), claim("b", False)]}))
    score = run(scorer.score(output="o", context="c"))
    assert (score["faithfulness"], score["faithful"], score["claims"]) == (0.5, False, ["a", "b"])
    assert [wrong["claim"] for wrong in score["unsupported"]] == ["b"]
    endpoint.answers('{"claims": []}')
    assert run(scorer.score(output="Hello!", context="c"))["faithfulness"] is None


def test_summaries_are_graded(endpoint, run):
    """A grade is a number, and density is names to a word; an empty summary has none."""
    endpoint.answer = by_schema(
        Entities={"entities": ["Rome"]}, Grade={"reasoning": "r", "grade": "ok"}
    )
    scorer = SummarizationScorer(base_url=endpoint.base_url)
    assert run(scorer.score(input="long text", output="Rome is old indeed")) == {
        "summarization_eval_score": 0.5,
        "llm_eval_reasoning": "r",
        "is_entity_dense": True,
        "entity_density": 0.25,
    }
    assert run(scorer.score(input="long text", output=""))["entity_density"] == 0


def test_a_prompt_of_ones_own(endpoint, run):
    """Columns are put into the prompt between tags; the answer is as the schema has it."""
    endpoint.answers('{"reasoning": "r", "passed": true}')
    scorer = LLMAsAJudgeScorer(
        model="openai/m",
        scoring_prompt="Does {output} answer {question}? {{yes}}",
        base_url=endpoint.base_url,
    )
    score = run(scorer.score(output="4 {question}", question="2 + 2?"))
    assert score == {"reasoning": "r", "passed": True}
    prompt = endpoint.asked[0]["messages"][-1]["content"]
    assert prompt.endswith("? {yes}") and "4 {question}" in prompt and prompt.count("2 + 2?") == 1
    assert endpoint.asked[0]["model"] == "openai/m"  # only OpenAI's own has no provider in names
    with pytest.raises(EvaluationError, match="wants to see the column 'question'"):
        run(scorer.score(output="4"))


@pytest.mark.parametrize("packed", [True, False])
def test_similarity_is_the_cosine(endpoint, run, packed):
    """The cosine of both embeddings decides, as floats or as base64, which SDKs ask for."""
    vectors = [[1.0, 0.0], [0.6, 0.8]]

    def answer(asked):
        if packed and asked.get("encoding_format") == "base64":
            made = [base64.b64encode(struct.pack("<2f", *v)).decode() for v in vectors]
            return embeddings(asked, made)
        return embeddings(asked, vectors)

    endpoint.answer = answer
    scorer = EmbeddingSimilarityScorer(base_url=endpoint.base_url, threshold=0.7)
    score = run(scorer.score(output="a", target="b"))
    assert score["similarity_score"] == pytest.approx(0.6) and score["is_similar"] is False
    assert endpoint.asked[0]["input"] == ["a", "b"]
    assert run(scorer.score(output=None, target="b"))["similarity_score"] == 0
    assert len(endpoint.asked) == 1


def test_moderation_passes_or_not(endpoint, run):
    """A score says whether the output passes, and what was flagged by the endpoint's names."""
    names = "harassment hate self-harm sexual violence illicit"
    categories = dict.fromkeys(names.split(), False) | {"self-harm/intent": True}
    result = {
        "flagged": True,
        "categories": categories,
        "category_scores": {name: 0.9 if flagged else 0.1 for name, flagged in categories.items()},
    }
    endpoint.answer = lambda asked: {"id": "m", "model": asked["model"], "results": [result]}
    score = run(OpenAIModerationScorer(base_url=endpoint.base_url).score(output="x"))
    assert score == {
        "passed": False,
        "categories": {"self-harm/intent": True},
        "category_scores": {"self-harm/intent": 0.9},
    }
