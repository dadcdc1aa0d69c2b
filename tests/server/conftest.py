"""What the tests of the API share: a client that asks about one project."""

import httpx
import pytest


@pytest.fixture
def api(client, server):
    """Asks about project local/test."""
    with httpx.Client(base_url=f"{server.url}/api/projects/local/test") as http:
        yield http
