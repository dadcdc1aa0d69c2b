"""Only pages of the server itself may ask it."""

import httpx
import pytest


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:80", ""])
def test_other_host_names_are_refused(server, host):
    """A request that names another host, as DNS rebinding makes browsers send, is refused."""
    answer = httpx.get(f"{server.url}/api/projects", headers={"Host": host})
    assert answer.status_code == 403


@pytest.mark.parametrize("origin", ["https://evil.example", "http://127.0.0.1:1", "null"])
def test_pages_of_other_sites_are_refused(server, origin):
    """A request from a page of another site, or of another port, is refused."""
    answer = httpx.delete(
        f"{server.url}/api/projects/local/test/calls/{'0' * 32}", headers={"Origin": origin}
    )
    assert answer.status_code == 403


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_its_own_pages_are_served(server, name):
    """Pages of the server itself, by any name of loopback, may ask."""
    host = f"{name}:{server.port}"
    headers = {"Host": host, "Origin": f"http://{host}"}
    assert httpx.get(f"{server.url}/api/projects", headers=headers).status_code == 200


def test_the_page_may_load_only_what_is_ours(server):
    """Every answer has a policy that forbids scripts, styles and requests of other hosts."""
    policy = httpx.get(f"{server.url}/api/projects").headers["content-security-policy"]
    assert "default-src 'self'" in policy and "http" not in policy.replace("https://", "")
    assert "unsafe-eval" not in policy and "script-src" not in policy
