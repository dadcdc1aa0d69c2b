"""What the tests of scorers share: an endpoint that is told what to answer."""

import asyncio
import json

import pytest

from .fake_endpoint import running


@pytest.fixture
def endpoint():
    with running() as server:
        yield server


@pytest.fixture
def run():
    return asyncio.run


@pytest.fixture
def judgement():
    """Writes what a judge answers."""

    def write(score, explanation="Because."):
        return json.dumps({"explanation": explanation, "score": score})

    return write
