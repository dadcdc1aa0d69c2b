"""The page of one trace: the same selection in all views, keys, search, tabs, feedback, threads."""

import re
import shlex
import subprocess
import sys

import pytest
from playwright.sync_api import expect

import weavelite

pytestmark = pytest.mark.browser

HOSTILE = '<img src=x onerror="window.ran=1"><script>window.ran=1</script>'


def say(role, content, **more):
    return {"role": role, "content": content, **more}


CALLS_TOOL = say(
    "assistant",
    None,
    tool_calls=[{"id": "c1", "function": {"name": "find_charges", "arguments": '{"month": 3}'}}],
)


@weavelite.op(kind="llm")
def chat(messages, reply):
    return {"choices": [{"message": reply}]}


@weavelite.op(kind="tool")
def find_charges(month):
    return [{"id": "ch_1", "amount": 12}, {"id": "ch_2", "amount": 12}]


@weavelite.op(kind="tool")
def broken(code):
    raise ConnectionError(f"no answer to {code}")


@weavelite.op(kind="agent")
def checker(claim):
    return chat([say("user", claim)], say("assistant", "It holds."))


@weavelite.op(kind="agent")
def support(question):
    messages = [say("system", "Be kind."), say("user", question)]
    chat(messages, CALLS_TOOL)
    messages += [CALLS_TOOL, say("tool", str(find_charges(3)), tool_call_id="c1")]
    try:
        broken(HOSTILE)
    except ConnectionError:
        pass
    checker("Both are right?")
    chat(messages, say("assistant", "Both charges are **right**.", reasoning_content="Two plans."))
    return "Both charges are right."


@pytest.fixture
def trace(client):
    _, call = support.call("Why was I charged twice?")
    client.finish()
    return call


def views(page, name):
    page.get_by_role("group", name="View").get_by_role("button", name=name).click()


def tree(page):
    return page.get_by_role("tree", name="Calls of this trace")


def panel(page):
    return page.get_by_role("region", name="Selected call")


def heading(page):
    return panel(page).get_by_role("heading", level=2)


def conversation(page):
    return page.get_by_role("feed", name="Conversation")


def show_tab(page, name):
    page.get_by_role("tab", name=name).click()
    return page.get_by_role("tabpanel")


def test_all_views_show_one_selection(trace, open_page):
    """What is selected in one view is selected in all, and the view and it stand in the address."""
    page = open_page(f"traces/{trace.trace_id}")
    tree(page).get_by_role("treeitem").filter(has_text="find_charges").click()
    for name in ("Tree", "Flame"):
        views(page, name)
        expect(page).to_have_url(re.compile(f"view={name.lower()}"))
        chosen = page.locator("[role=treeitem][aria-selected=true]")
        expect(chosen).to_have_count(1)
        expect(heading(page)).to_have_text("find_charges")
    views(page, "Conversation")
    chosen = conversation(page).locator("article[data-selected=true]")
    expect(chosen).to_contain_text("find_charges")
    conversation(page).get_by_text("It holds.").click()
    expect(heading(page)).to_have_text("chat")
    page.reload()
    expect(chosen.last).to_contain_text("It holds.")
    page.keyboard.press("1")
    expect(page.locator("[role=treeitem][aria-selected=true]")).to_contain_text("chat")


def test_a_trace_reads_as_a_dialogue(trace, open_page):
    """Each message is told once, results stand beside tool calls, nested agents fold."""
    page = open_page(f"traces/{trace.trace_id}?view=conversation")
    feed = conversation(page)
    expect(feed.get_by_text("Why was I charged twice?")).to_have_count(1)
    expect(feed.get_by_text("Be kind.")).to_have_count(1)
    step = feed.get_by_role("article").filter(has_text="calls 1 tool")
    expect(step).to_contain_text("find_charges(month=3)")
    expect(step).to_contain_text("ch_2")
    nested = feed.get_by_role("button", name="checker")
    expect(nested).to_have_attribute("aria-expanded", "true")
    expect(feed.get_by_text("It holds.")).to_be_visible()
    nested.click()
    expect(feed.get_by_text("It holds.")).to_have_count(0)
    feed.get_by_text("Reasoning").click()
    expect(feed.get_by_text("Two plans.")).to_be_visible()


def test_keys_walk_the_trace(trace, open_page):
    """Keys j and k walk rows, brackets siblings, braces calls of the same op, e errors."""
    page = open_page(f"traces/{trace.trace_id}")
    expect(heading(page)).to_have_text("support")
    page.keyboard.press("j")
    expect(heading(page)).to_have_text("chat")
    page.keyboard.press("]")
    expect(heading(page)).to_have_text("find_charges")
    page.keyboard.press("[")
    page.keyboard.press("}")
    expect(panel(page)).to_contain_text("Peer 2 of 3")
    page.keyboard.press("e")
    expect(heading(page)).to_have_text("broken")
    panel(page).get_by_role("button", name="Next sibling").click()
    expect(heading(page)).to_have_text("checker")
    page.get_by_role("group", name="Events over time").get_by_role("button").first.click()
    expect(heading(page)).to_have_text("broken")


def test_search_marks_and_jumps(trace, open_page):
    """Matches are marked and counted, n and N go around them, the others can be hidden."""
    page = open_page(f"traces/{trace.trace_id}")
    expect(tree(page).get_by_role("treeitem")).to_have_count(7)
    page.keyboard.press("/")
    page.keyboard.type("CHAT")
    page.keyboard.press("Enter")
    expect(tree(page).locator("mark")).to_have_text(["chat", "chat", "chat"])
    expect(page.get_by_text("1 of 3 found")).to_be_visible()
    page.keyboard.press("n")
    expect(page.get_by_text("2 of 3 found")).to_be_visible()
    page.keyboard.press("N")
    page.keyboard.press("N")
    expect(page.get_by_text("3 of 3 found")).to_be_visible()
    expect(tree(page).get_by_role("treeitem")).to_have_count(7)
    page.get_by_label("Hide the others").check()
    expect(tree(page).get_by_role("treeitem")).to_have_count(5)
    page.reload()
    expect(tree(page).get_by_role("treeitem")).to_have_count(5)


def test_a_flame_graph_zooms(trace, open_page):
    """A double click fills the width with a call, Escape shows the whole trace again."""
    page = open_page(f"traces/{trace.trace_id}?view=flame")
    flame = page.get_by_role("tree", name="Flame graph")
    root = flame.get_by_role("treeitem", name=re.compile("^support"))
    box = flame.get_by_role("treeitem", name=re.compile("^checker"))
    before = box.bounding_box()["width"]
    box.dblclick()
    expect(page).to_have_url(re.compile("zoom="))
    expect(page.get_by_role("button", name="Whole trace")).to_be_visible()
    assert box.bounding_box()["width"] > before
    page.keyboard.press("ArrowUp")
    expect(heading(page)).to_have_text("support")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Whole trace")).to_have_count(0)
    expect(root).to_have_attribute("aria-selected", "true")


def test_hostile_text_stays_text_in_all_views(trace, open_page):
    """What a program traced is shown in each view as the text it is, and never runs."""
    page = open_page(f"traces/{trace.trace_id}?filter=img")
    for name in ("Timeline", "Tree", "Flame", "Conversation"):
        views(page, name)
        expect(page.get_by_role("region", name="Calls")).to_contain_text(
            "1 found" if name != "Conversation" else HOSTILE
        )
    page.keyboard.press("e")
    expect(page.get_by_role("tabpanel")).to_contain_text(HOSTILE)
    assert page.evaluate("window.ran") is None


@weavelite.op
def inner(payload):
    return plan_of(payload)


def plan_of(payload):
    # the plan is a must
    return payload["plan"]


def test_an_exception_shows_the_code_around_it(client, open_page):
    """Each frame of the program stands with its lines as stored, those of libraries are folded."""
    with pytest.raises(KeyError):
        inner({})
    client.finish()
    page = open_page()
    page.get_by_role("grid").get_by_role("row").filter(has_text="inner").dblclick()
    frame = page.get_by_role("region", name="Frame plan_of")
    expect(frame).to_contain_text("# the plan is a must")
    expect(frame.locator("[data-here=true]")).to_contain_text('return payload["plan"]')


def test_values_are_looked_at_as_what_they_are(client, open_page):
    """Lists of objects are tables, texts are Markdown, and the choice is the same next time."""

    @weavelite.op
    def report(rows):
        return f"# Title\n\nIt **works**. {HOSTILE}\n"

    _, call = report.call([{"id": i, "name": f"row {i}"} for i in range(250)])
    client.finish()
    page = open_page(f"traces/{call.trace_id}")
    show_tab(page, "Input").get_by_role("button", name="rows").click()
    page.get_by_role("tabpanel").get_by_role("button", name="as a table").click()
    expect(page.get_by_role("tabpanel").get_by_role("row")).to_have_count(101)
    page.get_by_role("button", name="Show 150 more").click()
    expect(page.get_by_role("tabpanel").get_by_role("row")).to_have_count(251)
    show_tab(page, "Output").get_by_role("button", name="Markdown").click()
    expect(page.get_by_role("heading", name="Title")).to_be_visible()
    expect(page.get_by_role("tabpanel").locator("strong")).to_have_text("works")
    page.reload()
    expect(show_tab(page, "Output").get_by_role("heading", name="Title")).to_be_visible()
    expect(page.get_by_role("tabpanel")).to_contain_text(HOSTILE)
    assert page.evaluate("window.ran") is None


def test_messages_of_the_previous_turn_are_folded(trace, open_page):
    """What a model's call repeats of its agent's call before is folded to a line, and can be read.

    Between the two another agent asks the same model: that is no turn of this one.
    """
    page = open_page(f"traces/{trace.trace_id}")
    tree(page).get_by_role("treeitem").filter(has_text="chat").last.click()
    messages = show_tab(page, "Messages")
    expect(messages).to_contain_text("Both charges are **right**.")
    fold = messages.get_by_role("button", name="3 messages as in the previous turn")
    expect(messages.get_by_text("Be kind.")).to_have_count(0)
    fold.click()
    expect(messages.get_by_text("Be kind.")).to_be_visible()
    again = tree(page).get_by_role("treeitem").filter(has_text="chat").first
    again.click()
    expect(messages).to_contain_text("Why was I charged twice?")
    expect(messages.get_by_text("as in the previous turn")).to_have_count(0)


def test_answers_to_what_is_asked_are_kept(client, open_page):
    """An AnnotationSpec stands as a form beside calls, and its answer is feedback of the call."""
    verdict = {"enum": ["right", "wrong"]}
    weavelite.publish(weavelite.AnnotationSpec(name="verdict", field_schema=verdict))
    number = {"type": "number", "minimum": 0, "maximum": 100}
    weavelite.publish(weavelite.AnnotationSpec(name="worth", field_schema=number))
    _, call = find_charges.call(1)
    client.finish()
    page = open_page(f"traces/{call.trace_id}")
    show_tab(page, "Feedback").get_by_role("button", name="wrong").click()
    expect(page.get_by_role("button", name="wrong")).to_have_attribute("aria-pressed", "true")
    page.get_by_label("Answer to worth").fill("101")
    expect(page.get_by_role("button", name="Answer")).to_be_disabled()
    page.get_by_label("Answer to worth").fill("12.5")
    page.keyboard.press("Enter")
    expect(page.get_by_role("tabpanel")).to_contain_text("worth 12.5")
    page.reload()
    expect(page.get_by_role("button", name="wrong")).to_have_attribute("aria-pressed", "true")
    found = {each.feedback_type: each.payload["value"] for each in call.feedback}
    assert found == {"wandb.annotation.verdict": "wrong", "wandb.annotation.worth": 12.5}


def test_snippets_work_as_they_stand(client, open_page, tmp_path, store_path):
    """What the tab "Use" offers runs as it is: Python, show, and replay."""
    app = tmp_path / "app.py"
    app.write_text(
        "import weavelite\n\n\n@weavelite.op\ndef shout(text):\n    return text.upper()\n\n\n"
        f"if __name__ == '__main__':\n    weavelite.init('test', store={str(store_path)!r})\n"
        "    shout('quiet')\n"
    )
    run([sys.executable, str(app)], tmp_path)
    page = open_page()
    page.get_by_role("grid").get_by_role("row").filter(has_text="shout").dblclick()
    show_tab(page, "Use")

    def snippet(name):
        return page.get_by_role("region", name=name).locator("pre").inner_text()

    assert "QUIET" in run([sys.executable, "-c", snippet("Read it in Python")], tmp_path)
    run([sys.executable, "-c", snippet("Give it feedback in Python")], tmp_path)
    for name in ("Show it in the terminal", "Run it again with your code"):
        command = shlex.split(snippet(name))
        assert command[0] == "weavelite"
        assert "QUIET" in run([sys.executable, "-m", *command], tmp_path)
    page.reload()
    expect(show_tab(page, "Feedback")).to_contain_text("worth a second look")


def run(command, folder):
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_keys_of_the_sheet_work(trace, open_page):
    """The sheet names the page's own keys first, and each key of a trace does what it says."""
    page = open_page(f"traces/{trace.trace_id}?call={trace.id}")
    expect(tree(page).get_by_role("treeitem").first).to_be_visible()
    page.keyboard.press("?")
    groups = page.get_by_role("dialog").get_by_role("region")
    expect(groups.first).to_have_accessible_name("Keys: A trace")
    expect(groups.nth(1)).to_have_accessible_name("Keys: Everywhere")
    page.keyboard.press("Escape")
    expect(groups).to_have_count(0)

    def pressed(*keys):
        """What the address says after each key."""
        said = []
        for key in keys:
            before = page.url
            page.keyboard.press(key)
            page.wait_for_function("before => location.href !== before", arg=before)
            said.append(page.url)
        return said

    pressed("2", "3", "4", "1")
    down, up = pressed("j", "k")
    assert f"call={trace.id}" in up and down != up
    failed, _, back = pressed("e", "[", "]")
    assert failed == back
    pressed("j", "k")
    page.keyboard.press("h")
    page.keyboard.press("l")
    page.keyboard.press("/")
    page.keyboard.type("chat")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("filter=chat"))
    first, second, again = page.url, *pressed("n", "N")
    assert first != second and first == again
    assert pressed("}", "{")[1] == first
    page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile(r"/traces$"))


def test_what_was_said_is_read_as_markdown_at_a_click(trace, open_page):
    """A message is shown as it was said; read as Markdown, it is so in the next call as well."""
    page = open_page(f"traces/{trace.trace_id}?view=conversation")
    said = page.get_by_role("feed").get_by_text("Both charges are")
    expect(said).to_have_text("Both charges are **right**.")
    page.get_by_role("feed").get_by_role("button", name="as Markdown").click()
    strong = page.get_by_role("feed").locator("strong")
    expect(strong).to_have_text("right")
    page.reload()
    expect(strong).to_have_text("right")
    page.get_by_role("feed").get_by_role("button", name="as text").click()
    expect(said).to_have_text("Both charges are **right**.")
