"""Fills the store of a tour: long texts, very many of each thing, and nothing."""

import asyncio
import sys
from urllib.parse import quote

import httpx

import weavelite

LONG = "x" * 100_000
NAME = "a_name_that_has_no_end_" * 6
ROWS, RUNS = 5_000, 8
HUGE = 2_000_000
ODD = (
    "مرحبا بالعالم",
    "two\nlines\tand a tab",
    "👩🏽‍🚀🏳️‍🌈 flags",
    "<b>bold</b> & \"quoted\" 'twice'",
    "a/b c?d=e#f%20g",
    "\u202eturned around",
    "  spaces around  ",
    "漢字の名前" * 8,
    "Ünïcödé e\u0301",
    "..",
)


@weavelite.op(name=NAME, kind="agent")
def long_agent(question: str, more: dict) -> dict:
    """Has long inputs, outputs, names and a long chat."""
    messages = [{"role": "user", "content": question}, {"role": "user", "content": LONG}]
    long_chat(messages)
    try:
        fail(LONG)
    except ValueError:
        pass
    return {LONG[:200]: LONG, "short": "said", "list": list(range(500))}


@weavelite.op(kind="llm")
def long_chat(messages: list[dict]) -> dict:
    """Answers at length."""
    return {"role": "assistant", "content": "# " + LONG + "\n\n" + "word " * 5_000}


@weavelite.op
def fail(text: str) -> None:
    """Fails at length."""
    raise ValueError(text)


@weavelite.op
def small(number: int) -> int:
    """Is called often."""
    return number


@weavelite.op
def long_score(output: str) -> dict:
    """Scores under a long name."""
    return {NAME: len(output) / 1_000, "said": "x" * 3_000}


@weavelite.op
def forty(output: str) -> dict:
    """Scores by forty metrics."""
    return {f"metric_{number:02}": (len(output) * number) % 7 / 7 for number in range(40)}


@weavelite.op
def is_short(output: str) -> bool:
    """Tells whether an answer is short."""
    return len(output) % 3 > 0


@weavelite.op
def predict(question: str) -> str:
    """Answers a row."""
    return question * 3


@weavelite.op(kind="agent")
def wide(count: int) -> int:
    """Has many calls below it, side by side."""
    return sum(small(number) for number in range(count))


@weavelite.op(kind="chain")
def deep(left: int) -> int:
    """Calls itself."""
    return 0 if left == 0 else 1 + deep(left - 1)


@weavelite.op(kind="agent")
def huge_agent(question: str) -> str:
    """Talks and searches at great length."""
    parts = [{"role": "system", "content": "Be brief."}]
    for number in range(250):
        parts += [
            {"role": "user", "content": f"Question {number}: " + "why " * 40},
            {"role": "assistant", "content": f"Answer {number}: " + "because " * 60},
        ]
    huge_chat(parts)
    huge_chat([{"role": "user", "content": "A page of it. " * (HUGE // 14)}])
    tooled = [{"role": "user", "content": "Search."}]
    for number in range(3):
        call = {"id": f"c{number}", "type": "function",
                "function": {"name": "search", "arguments": '{"text": "all"}'}}  # fmt: skip
        tooled.append({"role": "assistant", "content": None, "tool_calls": [call]})
        said = "found a line\n" * (HUGE // 2 // 13)
        tooled.append({"role": "tool", "tool_call_id": f"c{number}", "content": said})
    huge_chat(tooled)
    with weavelite.attributes({"notes": {f"note {n}": "z" * 2_000 for n in range(1_000)}}):
        small(1)
    return "Done."


@weavelite.op(kind="llm")
def huge_chat(messages: list[dict]) -> dict:
    """Answers in a word."""
    return {"model": "gpt-4o", "choices": [{"message": {"role": "assistant", "content": "Yes."}}],
            "usage": {"prompt_tokens": 90_000, "completion_tokens": 1}}  # fmt: skip


def fill(projects: int = 200) -> None:
    """Traces what is long, what is many, and nothing."""
    for number in range(projects):
        weavelite.init(f"project-{number:03}")
        small(number)
        weavelite.finish()
    _in("long", long_texts)
    _in("odd", odd_names)
    _in("huge", lambda: huge_agent("all"))
    _in("many", many_calls, many_objects, many_runs)
    _in("empty")


def _in(project: str, *fillers: object) -> None:
    weavelite.init(project)
    for filler in fillers:
        assert callable(filler)
        filler()
    weavelite.finish()


def long_texts() -> None:
    """Traces and publishes long texts under long names."""
    with weavelite.thread(NAME), weavelite.attributes({NAME: LONG}):
        _, call = long_agent.call("why" * 3_000, {"deep": {"deeper": {"deepest": LONG}}})
        call.feedback.add_note(LONG[:900])
    rows = [{"question": LONG[:5_000], NAME: n} for n in range(20)]
    dataset = weavelite.Dataset(name=NAME, rows=rows)
    weavelite.publish(weavelite.StringPrompt("{" + NAME + "} " + LONG), name="prompt-" + NAME)
    for number in range(2):
        evaluation = weavelite.Evaluation(
            name=NAME, evaluation_name=f"{NAME}{number}", dataset=dataset, scorers=[long_score]
        )
        asyncio.run(evaluation.evaluate(predict))


def odd_names() -> None:
    """Names ops, models, threads, users, keys and objects as nobody would."""
    for number, name in enumerate(ODD):
        with weavelite.thread(name), weavelite.attributes({"user": name, name: name}):
            model, answer = f"{name}/{'m' * 200}", {name: name, "usage": {"input_tokens": 7}}
            weavelite.log_call(name, {name: name}, answer, kind="llm", model=model)
            weavelite.log_call("ask", {"messages": [{"role": name, "content": name}]}, name)
        weavelite.log_call(name, {"n": number}, exception=ValueError(name))
        if name != "..":
            weavelite.publish({name: [name, {name: name}]}, name=name)
            weavelite.publish(weavelite.Dataset(name=f"rows {name}", rows=[{name: name}] * 3))


def many_calls() -> None:
    """Traces calls of many ops, models, threads and users, and traces that are wide and deep."""
    wide(5_000)
    sys.setrecursionlimit(10_000)
    deep(500)
    for number in range(2_000):
        weavelite.log_call(f"op_{number:04}", {"number": number}, number)
    for number in range(10_000):
        with weavelite.attributes({"user": f"user-{number}"}):
            weavelite.log_call("ask", {"n": number}, "yes", kind="llm", model=f"model-{number:05}")
    for number in range(5_000):
        with weavelite.thread(f"thread-{number:04}"):
            small(number)
    _, call = small.call(1)
    for number in range(500):
        if number % 2:
            call.feedback.add_reaction("👍")
        else:
            call.feedback.add_note(f"Note {number}: it could be shorter.")


def many_objects() -> None:
    """Publishes many objects, versions, rows and columns."""
    for number in range(5_000):
        weavelite.publish({"n": number}, name=f"thing-{number:04}")
    for number in range(1_000):
        weavelite.publish(weavelite.StringPrompt(f"Say it in {number} words."), name="prompt")
    rows = [{"question": f"Question {n}?", "answer": f"{n} apples", "n": n} for n in range(100_000)]
    weavelite.publish(weavelite.Dataset(name="rows", rows=rows))
    table = [{f"column_{c:03}": f"{n} {c}" for c in range(200)} for n in range(2_000)]
    weavelite.publish(weavelite.Dataset(name="columns", rows=table))


def many_runs() -> None:
    """Evaluates often: on a few rows, on many, and with many metrics."""
    few = weavelite.Dataset(name="few", rows=[{"question": f"{n}?"} for n in range(2)])
    short = weavelite.Evaluation(name="short", dataset=few, scorers=[is_short])
    for number in range(500):
        short.evaluation_name = f"run-{number:03}"
        asyncio.run(short.evaluate(predict))
    metrics = weavelite.Evaluation(name="metrics", dataset=few, scorers=[forty])
    for number in range(2):
        metrics.evaluation_name = f"metrics-{number}"
        asyncio.run(metrics.evaluate(predict))
    rows = [{"question": f"What is {n} and {n * 7}?"} for n in range(ROWS)]
    many = weavelite.Evaluation(
        name="many", dataset=weavelite.Dataset(name="many", rows=rows), scorers=[is_short, length]
    )
    for number in range(RUNS):
        many.evaluation_name = f"many-{number}"
        asyncio.run(many.evaluate(MODELS[number]))


@weavelite.op
def length(output: str) -> int:
    """Counts letters."""
    return len(output)


def _model(number: int) -> object:
    @weavelite.op(name=f"model_{number}")
    def answer(question: str) -> str:
        return question * (1 + (len(question) * (number + 3)) % (number + 2))

    return answer


MODELS = [_model(number) for number in range(RUNS)]


def save_views(base: str, project: str, count: int = 300) -> None:
    """Saves views, which the viewer does over HTTP."""
    with httpx.Client(base_url=base) as http:
        for number in range(count):
            view = {"label": f"View {number:03}", "search": f"op:op_{number:04}"}
            http.post(f"/api/projects/local/{quote(project)}/views", json=view).raise_for_status()
