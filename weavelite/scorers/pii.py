"""Scorers that find personal data and secrets in an output."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, ClassVar, Literal, get_args

from pydantic import Field

from weavelite.errors import MissingExtraError
from weavelite.eval.scorer import Scorer
from weavelite.redaction import KINDS, REDACTED, make_redactor
from weavelite.scorers.texts import text_of

Kind = Literal["email", "card", "phone", "iban", "secret"]


class PIIScorer(Scorer):
    """Tells whether an output is free of personal data and secrets, by weavelite's own patterns.

    What was found is not kept: a score says how often, and the call of the scorer is redacted as
    any other. Names and addresses of people have no pattern: `PresidioScorer` looks for them.

    Args:
        kinds: what is looked for: email, card, phone, iban (checked by their digits where they have
            any), and secret: keys, tokens and passwords as redaction knows them.

    """

    higher_is_better: ClassVar[Mapping[str, bool]] = {"passed": True, "found": False}

    kinds: list[Kind] = Field(default_factory=lambda: list(get_args(Kind)), min_length=1)

    def score(self, *, output: Any) -> dict[str, Any]:
        """Counts what is found, by kind."""
        text, counts = text_of(output), dict[str, int]()
        for kind in self.kinds:
            hidden = _without(text, kind)
            count = hidden.count(REDACTED) - text.count(REDACTED)
            if count > 0:
                counts[kind], text = count, hidden  # what is a card is no phone, too
        return {"passed": not counts, "found": sum(counts.values()), "kinds": counts}


def _without(text: str, kind: Kind) -> str:
    if kind != "secret":
        return KINDS[kind].hidden_in(text)
    import orjson

    redactor = make_redactor([])
    assert redactor is not None
    packed = orjson.dumps(text.encode("utf-8", "replace").decode())
    return str(orjson.loads(redactor(packed)))


class PresidioScorer(Scorer):
    """Tells whether an output is free of personal data, by Microsoft's Presidio.

    Args:
        selected_entities: what is looked for, as Presidio calls it; by default all that its
            recognizers know.
        language: of the outputs.
        custom_recognizers: recognizers of one's own; they are no part of the version but by name.
        score_threshold: how sure it has to be.
        spacy_model: the model that finds people and places, such as `en_core_web_lg`, which has to
            be installed; without one, patterns and checksums alone are used, which need none.

    """

    higher_is_better: ClassVar[Mapping[str, bool]] = {"passed": True}

    selected_entities: list[str] | None = None
    language: str = "en"
    custom_recognizers: list[Any] = Field(default_factory=list)
    score_threshold: float = Field(default=0.4, ge=0, le=1)
    spacy_model: str | None = None

    def score(self, *, output: Any, entities: list[str] | None = None) -> dict[str, Any]:
        """Looks for entities; `metadata` has what was found, and the text without it."""
        text = text_of(output)
        wanted = entities if entities is not None else self.selected_entities
        found = sorted(self._found(text, wanted), key=lambda result: result.start)
        detected: dict[str, list[str]] = {}
        for result in found:
            detected.setdefault(result.entity_type, []).append(text[result.start : result.end])
        metadata = {
            "detected_entities": detected,
            "reason": _reason(detected),
            "anonymized_text": _anonymized(text, found) if found else None,
        }
        return {"passed": not detected, "metadata": metadata}

    def _found(self, text: str, wanted: list[str] | None) -> list[Any]:
        engine = _engine(self.language, self.spacy_model)
        return list(
            engine.analyze(
                text=text,
                language=self.language,
                entities=wanted,
                score_threshold=self.score_threshold,
                ad_hoc_recognizers=self.custom_recognizers or None,
            )
        )


def _reason(detected: Mapping[str, list[str]]) -> str:
    if not detected:
        return "Nothing was found."
    return "Found " + ", ".join(f"{name} ({len(said)})" for name, said in detected.items()) + "."


def _anonymized(text: str, found: list[Any]) -> str:
    for start, end, name in reversed(list(_apart(found))):
        text = f"{text[:start]}<{name}>{text[end:]}"
    return text


def _apart(found: list[Any]) -> Iterator[tuple[int, int, str]]:
    """Joins what overlaps, under the name of what Presidio is surest of."""
    joined: list[list[Any]] = []
    for result in found:
        if joined and result.start < joined[-1][1]:
            last = joined[-1]
            last[1] = max(last[1], result.end)
            if result.score > last[3]:
                last[2:] = result.entity_type, result.score
        else:
            joined.append([result.start, result.end, result.entity_type, result.score])
    return ((start, end, name) for start, end, name, _ in joined)


@lru_cache(8)
def _engine(language: str, spacy_model: str | None) -> Any:
    """Makes an engine, which takes seconds, once."""
    try:
        from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
        from presidio_analyzer.nlp_engine import SpacyNlpEngine
    except ImportError:
        raise MissingExtraError("PresidioScorer", "pii") from None
    registry = RecognizerRegistry(supported_languages=[language])
    registry.load_predefined_recognizers(languages=[language])
    registry.remove_recognizer("EmailRecognizer")
    registry.add_recognizer(_email_recognizer(language))
    if spacy_model is not None:
        models = [{"lang_code": language, "model_name": spacy_model}]
        nlp: Any = SpacyNlpEngine(models=models)
    else:
        nlp = _blank_engine(SpacyNlpEngine, language)
        registry.remove_recognizer("SpacyRecognizer")
    return AnalyzerEngine(registry=registry, nlp_engine=nlp, supported_languages=[language])


def _email_recognizer(language: str) -> Any:
    """Makes a recognizer that knows domains by heart: Presidio's own fetches a list of them."""
    from presidio_analyzer.predefined_recognizers import EmailRecognizer
    from tldextract import TLDExtract

    known = TLDExtract(suffix_list_urls=(), cache_dir=None)

    class OfflineEmailRecognizer(EmailRecognizer):  # type: ignore[misc, unused-ignore]
        def validate_result(self, pattern_text: str) -> bool:
            """Tells whether the domain can be one."""
            return bool(known(pattern_text).fqdn)

    return OfflineEmailRecognizer(supported_language=language)


def _blank_engine(kind: Any, language: str) -> Any:
    """Makes an engine that splits texts into words, and needs no model for it."""
    import spacy

    engine = kind(models=[{"lang_code": language, "model_name": "blank"}])
    engine.nlp = {language: spacy.blank(language)}
    return engine
