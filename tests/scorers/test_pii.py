"""Personal data is found by patterns: our own, and Presidio's without a model or the network."""

import socket

import pytest

from weavelite.scorers import PIIScorer, PresidioScorer

TEXT = (
    "Mail ada@example.org, pay with 4111 1111 1111 1111 or DE89 3704 0044 0532 0130 00, "
    "call +49 170 1234567, key sk-proj-abcDEF123456ghiJKL789."
)


def test_every_kind_is_counted_once():
    """Each kind is found, and what one kind claims is not another's, too."""
    score = PIIScorer().score(output=TEXT)
    kinds = {"email": 1, "card": 1, "iban": 1, "phone": 1, "secret": 1}
    assert score == {"passed": False, "found": 5, "kinds": kinds}
    assert PIIScorer(kinds=["iban"]).score(output=TEXT)["kinds"] == {"iban": 1}


@pytest.mark.parametrize(
    "text", ["", None, "Order 1234 of 2026-11-22", "4111 1111 1111 1112", "[redacted]", "\ud800"]
)
def test_what_is_no_secret_passes(text):
    """Dates, numbers that do not check and marks of redaction are nothing personal."""
    assert PIIScorer().score(output=text) == {"passed": True, "found": 0, "kinds": {}}


def test_values_are_searched_too():
    """An output that is no text is searched as JSON."""
    assert not PIIScorer().score(output={"to": ["ada@example.org"]})["passed"]


def test_presidio_needs_no_model_and_no_network(monkeypatch):
    """Presidio's patterns find what they know, and nobody on the network is asked."""

    def refuse(*args, **kwargs):
        raise AssertionError("the network was used")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    score = PresidioScorer().score(output="Mail ada@example.org from 10.1.2.3")
    found = score["metadata"]["detected_entities"]
    assert not score["passed"]
    assert found["EMAIL_ADDRESS"] == ["ada@example.org"] and found["IP_ADDRESS"] == ["10.1.2.3"]
    assert score["metadata"]["anonymized_text"] == "Mail <EMAIL_ADDRESS> from <IP_ADDRESS>"
    assert PresidioScorer().score(output="Nothing here.")["passed"]


def test_presidio_looks_for_what_it_is_asked():
    """Entities can be chosen, and recognizers added."""
    from presidio_analyzer import Pattern, PatternRecognizer

    only = PresidioScorer(selected_entities=["IP_ADDRESS"])
    assert only.score(output="ada@example.org")["passed"]
    room = PatternRecognizer(supported_entity="ROOM", patterns=[Pattern("room", r"R\d{3}", 0.9)])
    score = PresidioScorer(custom_recognizers=[room]).score(output="Meet in R101.")
    assert score["metadata"]["detected_entities"] == {"ROOM": ["R101"]}
