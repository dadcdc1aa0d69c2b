"""Fixtures: a value goes through a real journal and store, and comes back."""

import pytest

import weavelite


@pytest.fixture
def recorded(client):
    """Records a value as the input of a call; gives the call as it is read from the store."""

    @weavelite.op
    def take(value):
        return None

    def record(value):
        _, call = take.call(value)
        return client.get_call(call.id)

    return record


@pytest.fixture
def given_back(recorded):
    """Records a value, and gives it as it comes back."""
    return lambda value: recorded(value).inputs["value"]


@pytest.fixture
def stored(recorded):
    """Records a value, and gives the JSON that stands for it."""
    import orjson

    return lambda value: orjson.loads(recorded(value).inputs_json)["value"]
