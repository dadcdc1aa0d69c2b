"""In notebooks, calls and evaluations show themselves, and what users wrote is only text."""

import asyncio

import weavelite

HOSTILE = "<img src=x onerror=alert(1)></pre></details><script>alert(1)</script>"


@weavelite.op
def look_up(word):
    return {"meaning": f"what {word} means"}


@weavelite.op
def explain(word):
    if word == "nothing":
        raise KeyError(word)
    return look_up(word)


def exact(expected, output):
    return expected == output


def test_a_call_shows_inputs_output_and_what_is_below(client):
    """The name, both bodies, the status, a link and the calls below are there."""
    _, call = explain.call("tern")
    html = call._repr_html_()
    for part in ("explain", "success", "&quot;word&quot;: &quot;tern&quot;", "what tern means"):
        assert part in html
    assert "Calls below: 1" in html
    assert call.ui_url in html


def test_a_failed_call_shows_its_exception(client):
    """What was raised stands where the output would."""
    _, call = explain.call("nothing")
    html = call._repr_html_()
    assert "KeyError" in html
    assert ">Output<" not in html


def test_stored_text_is_escaped(client):
    """No tag of the user's text is a tag of the page."""
    _, call = explain.call(HOSTILE)
    html = call._repr_html_()
    assert "<script" not in html
    assert "<img" not in html


def test_a_long_text_says_how_much_is_left_out(client):
    """What is cut for the notebook is counted."""
    _, call = explain.call("long " * 2_000)
    assert "characters more: see the viewer" in call._repr_html_()


def test_a_call_that_nothing_traced_shows_itself():
    """Without init there is a call, which says that, and claims no time."""
    _, call = explain.call("tern")
    assert ">not traced</span>" in call._repr_html_()


def test_an_evaluation_shows_its_runs(client):
    """Before a run it says how to run it, afterwards it lists its runs with their metrics."""
    evaluation = weavelite.Evaluation(
        name="words", dataset=[{"word": "a", "expected": 1}], scorers=[exact]
    )
    assert "No runs yet" in evaluation._repr_html_()
    asyncio.run(evaluation.evaluate(look_up))
    html = evaluation._repr_html_()
    assert "look_up" in html
    assert "exact 0.0 %" in html
