"""The messages of a call that is large: what is cut is said, and nothing is out of reach."""

import re

import pytest
from playwright.sync_api import expect

import weavelite

pytestmark = pytest.mark.browser

TURNS = 500


@weavelite.op(kind="llm")
def chat(messages, tools=None):
    return {"role": "assistant", "content": f"answer to {len(messages)}"}


@weavelite.op(kind="agent")
def chat_twice(first, second):
    chat(first)
    return chat(second)


def said(number, size):
    role = "assistant" if number % 2 else "user"
    return {"role": role, "content": f"message {number} " + "word " * (size // 5)}


@pytest.fixture
def opened(client, open_page):
    """Opens the messages of the last call of a trace."""

    def opened(*turns):
        root = chat_twice.call(*turns)[1]
        client.finish()
        calls = [call for call in client.get_calls() if call.op_name == "chat"]
        last = max(calls, key=lambda call: call.started_at)
        page = open_page("objects")
        address = f"traces/{root.trace_id}?tab=messages&call={last.id}"
        page.goto(re.sub("objects$", address, page.url))
        return page.get_by_role("region", name="Selected call").get_by_role("tabpanel")

    return opened


def test_a_chat_of_many_large_messages_is_read_to_its_end(opened):
    """The list says how many are missing, more come at a click, and the last ones come at once."""
    panel = opened([], [said(n, 2_000) for n in range(TURNS)])
    expect(panel.get_by_text("answer to 500")).to_be_visible()
    expect(panel.get_by_text("of which 100 are here")).to_be_visible()
    expect(panel.get_by_role("heading", level=3)).to_have_count(50)
    more = panel.get_by_role("button", name="Show more of 500")
    while more.count():
        before = panel.get_by_text("of which").text_content()
        more.click()
        expect(panel.get_by_text(before)).to_have_count(0)
    expect(panel.get_by_text("message 499 ")).to_be_visible()
    for shown in range(100, TURNS + 1, 50):
        panel.get_by_role("button", name="earlier of 501 messages").click()
        expect(panel.get_by_role("heading", level=3)).to_have_count(shown)
    panel.get_by_role("button", name="Show 1 earlier of 501 messages").click()
    expect(panel.get_by_text("message 0 ")).to_be_visible()


def test_a_message_of_two_megabytes_is_read_on_in_parts(opened):
    """Its whole length is said, each click brings more, and a file has all of it."""
    text = "word " * 400_000
    panel = opened([], [{"role": "user", "content": text}])
    more = panel.get_by_role("button", name="Show 100,000 more of 2,000,000 characters")
    for least in (100_000, 200_000, 300_000):
        more.click()
        panel.page.wait_for_function(
            "([panel, least]) => panel.textContent.length > least",
            arg=[panel.element_handle(), least],
        )
    with panel.page.expect_download() as download:
        panel.get_by_role("link", name="Download all of it").click()
    assert download.value.path().read_text() == text


def test_a_large_result_of_a_tool_is_read_on_beside_its_call(opened):
    """What a tool gave back says how large it is, and has the way to the rest."""
    asks = {"id": "c1", "function": {"name": "read_log", "arguments": "{}"}}
    result = {"role": "tool", "tool_call_id": "c1", "content": "line " * 200_000}
    panel = opened(
        [], [{"role": "assistant", "content": "", "tool_calls": [asks]}, result, said(2, 50)]
    )
    expect(panel.get_by_text("read_log")).to_be_visible()
    panel.get_by_role("button", name="Show 100,000 more of 1,000,000 characters").click()
    panel.page.wait_for_function(
        "panel => panel.textContent.length > 100_000", arg=panel.element_handle()
    )


def test_what_is_only_cut_is_no_difference(opened):
    """A message that is shown in part is never said to differ from that of the turn before."""
    large = {"role": "user", "content": "word " * 100_000}
    history = [said(0, 50), large, said(1, 50)]
    panel = opened(history, [*history, said(2, 50)])
    expect(panel.get_by_text("2 messages as in the previous turn")).to_be_visible()
    expect(panel.get_by_text("of 500,000 characters")).to_be_visible()
    expect(panel.get_by_text("not as in the previous turn")).to_have_count(0)
    for _ in range(5):
        panel.get_by_role("button", name=re.compile(r"^Show .* 500,000 characters")).click()
        panel.page.wait_for_timeout(300)
        if panel.get_by_text("3 messages as in the previous turn").count():
            break
    expect(panel.get_by_text("3 messages as in the previous turn")).to_be_visible()
