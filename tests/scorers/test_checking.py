"""A user with 30 labelled rows learns whether a judge can be trusted."""

import json

import pytest

import weavelite
from weavelite.errors import EvaluationError, JudgeError
from weavelite.scorers import Criterion, LLMJudge, PairwiseJudge, labelled_rows

from .fake_endpoint import Refusal

MODEL = "judge-1"


@pytest.fixture
def judge(endpoint):
    return LLMJudge(
        name="right",
        model=MODEL,
        criteria="The answer is right.",
        inputs=["question"],
        base_url=endpoint.base_url,
    )


@pytest.fixture
def rows():
    """Two of three rows are right by people, and three of the wrong ones are near."""
    return [
        {
            "question": f"What is {n} + {n}?",
            "output": f"{2 * n}" if n % 3 else "about 3" if n in (3, 6, 9) else "no idea",
            "human": bool(n % 3),
        }
        for n in range(30)
    ]


@pytest.fixture
def lenient(endpoint):
    """Passes whatever has a figure in it."""

    def answer(asked):
        shown = asked["messages"][-1]["content"]
        said = shown.split("<output-")[1].split("\n")[1]
        passes = any(letter.isdigit() for letter in said)
        return json.dumps({"explanation": f"It says {said}.", "score": passes})

    endpoint.answer = answer
    return endpoint


def test_thirty_labels_tell_about_three_thousand_rows(client, lenient, judge, rows, run):
    """The report has agreement, the rows that differ and why, the cost ahead, and its place."""
    weavelite.patch("openai")
    client.add_cost(MODEL, 0.15e-6, 0.6e-6)
    report = run(judge.check_against(rows, label="human", rows_ahead=3000))
    found = report.agreement
    assert (found.agreed, found.labels, found.higher, found.lower) == (27, 30, 3, 0)
    assert not report.trusted and found.labels_needed
    assert [difference.index for difference in report.differences] == [3, 6, 9]
    assert (report.cost.requests, report.cost.tokens) == (30, 3600)
    ahead = report.cost.projected(3000)
    assert ahead.tokens == 360_000 and ahead.dollars == pytest.approx(3000 * 27e-6)
    text = str(report)
    for said in (
        "Agrees with people on 27 of 30 (90 %, 95 % interval 74 to 97 %), kappa 0.76",
        "do not suffice to trust it",
        "it passes 3 that they fail",
        "row 3: people say False, the judge True",
        "question: 'What is 3 + 3?', output: 'about 3'",
        "its reason: It says about 3.",
        "3,000 rows like these: 3,000 requests, 360,000 tokens, $0.081.",
        report.url,
    ):
        assert said in text, text


def test_the_labels_are_not_shown_to_the_judge(client, lenient, judge, rows, run):
    """A judge never sees what people said, even of a column that it asks for."""
    judge = judge.model_copy(update={"inputs": ["question", "human"]})
    with pytest.raises(EvaluationError, match="needs 'human', and the dataset has"):
        run(judge.check_against(rows))
    assert not lenient.asked


def test_a_check_is_an_evaluation_in_the_store(client, lenient, judge, rows, run):
    """The labelled rows are its dataset, the judge is its model, and agreement its summary."""
    dataset = weavelite.Dataset(name="labelled", rows=rows)
    report = run(judge.check_against(dataset))
    (evaluated,) = client.get_calls({"op_names": ["Evaluation.evaluate"]})
    assert evaluated.ui_url == report.url and evaluated.display_name == "check of right"
    assert evaluated.output["people"]["agrees"]["true_count"] == 27
    assert evaluated.output["people"]["kappa"] == report.agreement.kappa
    stored = weavelite.ref("judge-check").get()
    assert (
        stored.dataset.rows == dataset.rows and client.get(evaluated.inputs["model"]).judge == judge
    )
    cells = list(client.get_calls({"op_names": ["Evaluation.predict_and_score"]}))
    assert len(cells) == 30
    score = cells[3].output["scores"]["people"]
    assert score["agrees"] is False and score["explanation"] == "It says about 3."


def test_judges_are_compared_as_models(client, lenient, judge, rows, run):
    """Another judge on the same labels is another model under the same scorer."""
    run(judge.check_against(rows))
    run(judge.model_copy(update={"criteria": [Criterion(description="Else?")]}).check_against(rows))
    one, other = client.get_calls({"op_names": ["Evaluation.evaluate"]})
    assert one.inputs["self"] == other.inputs["self"]
    assert one.inputs["model"] != other.inputs["model"]


def test_rows_without_a_label_or_a_judgement_are_counted(client, lenient, judge, rows, run):
    """What people did not label is left out and costs nothing; what fails is told, and no score."""
    for row in rows[:2]:
        row["human"] = None
    rows[4]["output"] = "crash 1"
    answer = lenient.answer

    def sometimes(asked):
        if "crash" in str(asked["messages"]):
            raise Refusal(403, "no such luck")
        return answer(asked)

    lenient.answer = sometimes
    report = run(judge.check_against(rows))
    assert (report.unlabelled, report.failed, report.agreement.labels) == (2, 1, 27)
    assert "Without a label, and left out: 2 rows" in str(report)
    assert "Without a judgement: 1 row (PermissionDeniedError" in str(report)
    assert len(lenient.asked) == 28


@pytest.mark.parametrize(
    ("changed", "label", "said"),
    [
        ({"human": "perhaps"}, "human", "label of row 0 cannot be read: score is 'perhaps'"),
        ({}, "people", "No row has a label in 'people'"),
        ({}, {"other": "human"}, "label has to name a column for each of score"),
    ],
)
def test_labels_are_read_before_anything_is_paid_for(
    lenient, judge, rows, run, changed, label, said
):
    """What is wrong with the labels is said before the first request."""
    with pytest.raises(EvaluationError, match=said):
        run(judge.check_against([{**rows[0], **changed}, *rows[1:]], label=label))
    with pytest.raises(EvaluationError, match="no column 'answer'"):
        run(judge.check_against(rows, output="answer"))
    assert not lenient.asked


def test_an_endpoint_that_is_down_is_told(endpoint, judge, rows, run):
    """When no row can be judged, the error of the endpoint is raised, and no agreement told."""

    def down(asked):
        raise Refusal(401, "wrong key")

    endpoint.answer = down
    with pytest.raises(JudgeError, match=r"by judge-1 at http.*AuthenticationError"):
        run(judge.check_against(rows))


def test_a_missing_key_is_told_before_anything_runs(client, judge, rows, run):
    """Without the key there is no check, and no evaluation of failures in the store."""
    judge = judge.model_copy(update={"api_key_name": "NO_SUCH_KEY"})
    with pytest.raises(JudgeError, match="NO_SUCH_KEY"):
        run(judge.check_against(rows))
    assert len(client.get_calls()) == 0


def test_a_check_works_without_tracing(lenient, judge, rows, run):
    """Without `init` the agreement is told, and no cost."""
    report = run(judge.check_against(rows, rows_ahead=10))
    assert report.agreement.agreed == 27 and report.cost is None and report.url is None
    assert "Cost" not in str(report)


def test_several_criteria_have_labels_each(endpoint, run):
    """Each criterion is compared with a column of its own, and can be trusted or not."""
    judge = LLMJudge(
        model="several",
        criteria=[
            Criterion(name="right", description="Right?"),
            Criterion(name="grade", description="How good?", scale=[1, 5]),
        ],
        base_url=endpoint.base_url,
    )

    def answer(asked):
        number = int(asked["messages"][-1]["content"].split("\n")[1])
        right = {"explanation": "r", "score": number % 2 == 0}
        grade = {"explanation": "g", "score": min(5, number % 5 + 2)}
        return json.dumps({"right": right, "grade": grade})

    endpoint.answer = answer
    rows = [{"output": n, "is_right": n % 2 == 0, "stars": n % 5 + 1} for n in range(30)]
    with pytest.raises(EvaluationError, match="decides right, grade"):
        run(judge.check_against(rows, label="is_right"))
    report = run(judge.check_against(rows, label={"right": "is_right", "grade": "stars"}))
    right, grade = report.agreements["right"], report.agreements["grade"]
    assert right.standing == "trusted" and grade.higher == 24
    assert "grade: Agrees with people on 6 of 30" in str(report)
    assert "compare its averages with each other" in str(report)
    assert all(difference.criterion == "grade" for difference in report.differences)


def test_a_pairwise_judge_is_checked_too(client, endpoint, run):
    """Agreement is on the winner, and the rows in which the place won are told."""
    weavelite.patch("openai")

    def answer(asked):
        shown = asked["messages"][-1]["content"]
        first = shown.split("<first-")[1].split("\n")[1]
        second = shown.split("<second-")[1].split("\n")[1]
        winner = "first" if len(first) >= len(second) else "second"
        return json.dumps({"explanation": "Longer.", "winner": winner})

    endpoint.answer = answer
    rows = [
        {
            "output": "x" * (n % 3 + 1),
            "baseline": "yy",
            "human": ("baseline", "tie", "output")[n % 3],
        }
        for n in range(30)
    ]
    judge = PairwiseJudge(model=MODEL, criteria="Longer.", base_url=endpoint.base_url)
    report = run(judge.check_against(rows, rows_ahead=300))
    assert report.agreement.agreed == 30 and report.trusted
    assert report.places == {"first": 10, "second": 0} and report.inconsistent == 10
    assert "in 10 of 30 rows the place won" in str(report)
    assert report.cost.requests == 60 and report.cost.projected(300).requests == 600


def test_labels_come_from_feedback(client, lenient, judge, run):
    """Calls with people's reactions or annotations are labelled rows; the last label counts."""

    @weavelite.op
    def answer(question):
        return "4" if question == "2 + 2?" else "no idea"

    for question, emoji in (("2 + 2?", "👍"), ("Why?", "👎"), ("When?", None)):
        _, call = answer.call(question)
        if emoji:
            call.feedback.add_reaction("👎")
            call.feedback.add_reaction(emoji)
            call.feedback.add("wandb.annotation.grade", {"value": {"stars": 5}})
    calls = client.get_calls({"op_names": ["answer"]})
    rows = labelled_rows(calls)
    assert [(row["question"], row["output"], row["human"]) for row in rows] == [
        ("2 + 2?", "4", "👍"),
        ("Why?", "no idea", "👎"),
    ]
    assert [row["stars"] for row in labelled_rows(calls, "grade", label="stars")] == [5, 5]
    report = run(judge.check_against(rows))
    assert report.agreement.agreed == 2
