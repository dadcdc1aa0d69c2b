"""Makes the same store each time, for pictures: the clock goes on only when the program says so.

Run: python -m tests.browser.still_store FOLDER. It is a process of its own, since it has a clock of
its own, which has to be there before weavelite is imported. still.json says what is in it.
"""

import asyncio
import contextlib
import json
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

START = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


class StillClock:
    """Stands still, but for what is passed; each look takes a microsecond, to keep the order."""

    def __init__(self, start_ns: int) -> None:
        self._now_ns = start_ns

    def time_ns(self) -> int:
        """Tells the time."""
        self._now_ns += 1_000
        return self._now_ns

    def seconds(self) -> float:
        """Tells the time as a stopwatch does."""
        return self._now_ns / 1e9

    def pass_ms(self, ms: float) -> None:
        """Lets time pass."""
        self._now_ns += round(ms * 1e6)


CLOCK = StillClock(int(START.timestamp()) * 10**9)
time.time_ns = CLOCK.time_ns
time.perf_counter = CLOCK.seconds

import weavelite  # noqa: E402
from weavelite import instrument  # noqa: E402

PROJECT = "support"
MODEL = "house-1"
POLICY = (
    "You are the support agent of a small web shop. Be short, use the tools, and never promise what"
    " the policy does not allow.\n\n## Policy\n\n- Returns within **30 days**\n- Refunds after the"
    " parcel is back\n- Damaged goods are replaced at once\n"
)
TICKETS = [
    ("Where is my parcel 5511?", "parcel", "It is in Lyon, and comes on Wednesday."),
    ("The blue mug came broken.", "damage", "I am sorry! A new one is on its way."),
    ("Can I return the lamp after five weeks?", "return", "Returns are possible for 30 days only."),
    ("Please cancel order 9907, I ordered twice.", "cancel", "Order 9907 is cancelled."),
    ("Do you ship to Iceland?", "shipping", "Yes, it takes about nine days."),
    ("My invoice shows the wrong address.", "invoice", "Send me the right one, I correct it."),
]
PROMPTS = [
    ("plain", "Name the topic.\n\nTicket: {ticket}", ("invoice", "return")),
    ("one word", "Name the topic in one word.\n\nTicket: {ticket}", ("shipping",)),
]


@weavelite.op(kind="tool")
def look_up_order(number: str) -> dict:
    """Finds an order."""
    CLOCK.pass_ms(84.2)
    if number == "9907":
        raise TimeoutError("the order system did not answer within 5 s")
    return {"number": number, "state": "on its way", "place": "Lyon", "days": 2}


@weavelite.op(kind="retriever")
def search_policy(topic: str) -> list[str]:
    """Finds what the policy says."""
    CLOCK.pass_ms(31.2)
    return [f"{topic}: returns within 30 days", f"{topic}: refunds after the parcel is back"]


def chat(messages: list[dict]) -> dict:
    """Asks the model, as an integration records it."""
    words = sum(len(message["content"].split()) for message in messages)
    inputs = {"model": MODEL, "messages": messages}
    call = instrument.start("chat", inputs, kind="llm", model=MODEL)
    CLOCK.pass_ms(600.2 + 20 * words)
    asked = messages[-1]["content"]
    said = {"role": "assistant", "content": next(said for it, _, said in TICKETS if it == asked)}
    usage = {"prompt_tokens": 40 * words, "completion_tokens": 60}
    instrument.end(call, {"choices": [{"message": said}]}, usage=usage)
    return said


@weavelite.op(kind="agent")
def answer_ticket(ticket: str, topic: str) -> str:
    """Answers a ticket with tools and the model."""
    CLOCK.pass_ms(5.2)
    search_policy(topic)
    with contextlib.suppress(TimeoutError):
        look_up_order("".join(letter for letter in ticket if letter.isdigit()) or "5511")
    messages = [{"role": "system", "content": POLICY}, {"role": "user", "content": ticket}]
    said = chat(messages)["content"]
    CLOCK.pass_ms(12.2)
    if topic == "invoice":
        raise ValueError("no invoice was found for this customer")
    return said


class Sorter(weavelite.Model):
    """Sorts tickets by topic."""

    prompt: str
    misses: tuple[str, ...] = ()

    @weavelite.op
    def predict(self, ticket: str, topic: str) -> str:
        """Names the topic of a ticket."""
        CLOCK.pass_ms(220.2 + 3 * len(ticket) + 15 * len(self.prompt))
        return "other" if topic in self.misses else topic


@weavelite.op
def right_topic(output: str, topic: str) -> bool:
    """Tells whether the topic is right."""
    CLOCK.pass_ms(1.2)
    return output == topic


@weavelite.op
def brevity(output: str) -> float:
    """Is higher for shorter answers."""
    CLOCK.pass_ms(1.2)
    return round(1 / len(output), 3)


def answer_tickets() -> str:
    """Answers each ticket some times; returns the id of the trace with an error below it."""
    shown = ""
    for day in range(5):
        for number, (ticket, topic, _) in enumerate(TICKETS):
            CLOCK.pass_ms(1_000 * 60 * (37 + 11 * number))
            with contextlib.suppress(ValueError), weavelite.thread(f"customer-{number}"):
                _, call = answer_ticket.call(ticket, topic)
                if topic == "cancel" and day == 4:
                    shown = call.trace_id
                call.feedback.add("scores.polite", {"output": topic != "return"})
        CLOCK.pass_ms(1_000 * 3_600 * 14)
    return shown


def evaluate() -> list[str]:
    """Evaluates two prompts on the same tickets; returns the ids of the runs."""
    tickets = [(f"{ticket} ({n})", topic) for n in range(8) for ticket, topic, _ in TICKETS]
    rows = [{"ticket": ticket, "topic": topic} for ticket, topic in tickets]
    dataset = weavelite.Dataset(name="tickets", rows=rows)
    for name, prompt, misses in PROMPTS:
        weavelite.publish(weavelite.StringPrompt(prompt), name="sort-prompt")
        CLOCK.pass_ms(1_000 * 60 * 45)
        evaluation = weavelite.Evaluation(
            name="topics",
            evaluation_name=name,
            dataset=dataset,
            scorers=[right_topic, brevity],
        )
        model = Sorter(name="sorter", prompt=prompt, misses=misses)
        with contextlib.redirect_stdout(None):
            asyncio.run(evaluation.evaluate(model))
    roots = weavelite.get_client().get_calls(filter={"trace_roots_only": True})
    return [call.id for call in roots if call.display_name in {name for name, _, _ in PROMPTS}]


def main(folder: Path) -> None:
    """Fills the store of a folder."""
    client = weavelite.init(PROJECT, store=folder / "weavelite.db")
    client.add_cost(MODEL, 2e-6, 8e-6)
    weavelite.publish(weavelite.Dataset(name="tickets", rows=[{"ticket": "first", "topic": "x"}]))
    trace = answer_tickets()
    runs = evaluate()
    client.finish()
    (folder / "still.json").write_text(json.dumps({"trace": trace, "runs": runs}))


if __name__ == "__main__":
    os.environ |= {"WEAVELITE_DRAIN": "none", "WEAVELITE_PARALLELISM": "1"}
    main(Path(sys.argv[1]))
