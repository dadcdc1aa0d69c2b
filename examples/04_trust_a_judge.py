"""Find out on 30 labelled rows whether a judge can be trusted, before it judges 3,000.

The judge is a stand-in that goes by rules (scripted_judge.py). With OPENAI_API_KEY, OPENAI_BASE_URL
and OPENAI_MODEL set, a real model judges.
"""

import asyncio

from local_model import Endpoint
from scripted_judge import scripted_judge

import weavelite as weave
from weavelite.scorers import LLMJudge

# What an assistant answered, and what people said of it: is the answer right?
ROWS = [
    {
        "question": f"A ticket costs {price} euros. What do {count} tickets cost?",
        "answer": f"{price * count} euros",
        "output": output.format(right=price * count, wrong=price + count),
        "human": "{right}" in output,
    }
    for number, (price, count) in enumerate((p, c) for p in (4, 7, 9, 12, 15) for c in range(2, 8))
    for output in [
        "That is {wrong} euros in total."  # fluent, and wrong
        if number % 5 == 4
        else "I cannot say."
        if number % 3 == 2
        else "{right} euros."
    ]
]


async def main(endpoint: Endpoint) -> None:
    """Checks a judge, mends it by what the report shows, and lets it judge."""
    first = LLMJudge(
        name="first-judge",
        model=endpoint.model,
        base_url=endpoint.base_url,
        criteria="The output answers the question well.",
        inputs=["question"],
    )
    report = await first.check_against(ROWS, label="human", rows_ahead=3000)
    print(report, end="\n\n")

    # It passes fluent answers that are wrong: show it the right one, and say what counts.
    mended = LLMJudge(
        name="mended-judge",
        model=endpoint.model,
        base_url=endpoint.base_url,
        criteria="The output ends in the same figure as the answer.",
        inputs=["question"],
        reference="answer",
    )
    report = await mended.check_against(ROWS, label="human", rows_ahead=3000)
    print(report, end="\n\n")

    if report.trusted:  # rows without labels, scored as by any other scorer
        fresh = [{name: row[name] for name in ("question", "answer")} for row in ROWS]
        evaluation = weave.Evaluation(dataset=fresh, scorers=[mended])
        summary = await evaluation.evaluate(cashier)
        print(f"right by the judge: {summary['mended-judge']['score']['true_fraction']:.0%}")


@weave.op
def cashier(question: str) -> str:
    """Answers the question, and is wrong about many tickets."""
    price, count = (int(word) for word in question.split() if word.isdigit())
    return f"{price * min(count, 5)} euros"


client = weave.init("examples")
client.add_cost("scripted-judge", 0.15e-6, 0.60e-6)  # what it would cost: dollars a token
with scripted_judge() as endpoint:
    asyncio.run(main(endpoint))
print("Look at both with `weavelite ui`:", client.url("evaluations"))
weave.finish()
