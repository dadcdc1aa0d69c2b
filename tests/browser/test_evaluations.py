"""Evaluations in the viewer: the same verdicts as in the terminal, and the rows behind them."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import expect

import weavelite
from tests.browser.evaluated import run_all
from weavelite.runs.choosing import Runs
from weavelite.runs.reading import compare_calls

pytestmark = pytest.mark.browser

PROJECT = "local/test"
LONG = " ".join(f"word{n}" for n in range(2_000))


@weavelite.op
def exact(answer, output):
    return output.startswith(answer)


@weavelite.op
def length(output):
    return {"size": len(output) / 100}


class Answerer(weavelite.Model):
    wrong: tuple[int, ...] = ()
    failing: tuple[int, ...] = ()
    hint: str = "be brief"

    @weavelite.op
    def predict(self, n):
        if n in self.failing:
            raise ValueError(f"no answer to {n}")
        said = "no" if n in self.wrong else "yes"
        return f"{said}, that is what I say about {n}{LONG if n == 7 else ''}"


def evaluate(client, *models, rows=12, trials=1, name="quality"):
    """Runs an evaluation with models, and returns the ids of the runs in that order."""
    evaluation = weavelite.Evaluation(
        name=name,
        dataset=[{"n": n, "answer": "yes"} for n in range(rows)],
        scorers=[exact, length],
        trials=trials,
        lower_is_better=["length.size"],
    )
    return run_all(client, evaluation, models)


@pytest.fixture
def three(client):
    plain = Answerer(name="plain", wrong=(0, 1, 2, 3), failing=(9,))
    better = Answerer(name="better", wrong=(5,), failing=(9,), hint="be brief and kind")
    other = Answerer(name="other", wrong=(0, 1, 5))
    return evaluate(client, plain, better, other)


def rows_of(page):
    return page.get_by_role("table", name="Compared rows").get_by_role("row")


def groups_of(page):
    return page.get_by_role("group", name="Rows")


def test_verdicts_are_those_of_the_terminal(client, three, open_page):
    """The page says the sentences, remarks and figures that the command line says."""
    calls = [Runs(client.store, PROJECT).choose(run) for run in three]
    said = compare_calls(client.store, PROJECT, calls)
    page = open_page(f"evaluations/compare?ids={','.join(three)}")
    result = page.get_by_role("region", name="Result")
    for gist in said.gists:
        expect(result).to_contain_text(gist)
    page.get_by_text("The verdict in full").click()
    for headline in said.headlines:
        expect(result).to_contain_text(headline)
    for remark in said.remarks:
        expect(page.get_by_role("list", name="Fairness")).to_contain_text(remark.text)
    for metric in said.metrics:
        decision = metric.decisions[1]
        line = page.get_by_role("row").filter(has=page.locator(f'th[title="{metric.name}"]'))
        if decision.low is not None:
            expect(line).to_contain_text(decision.interval)
    expect(page.get_by_role("img", name="95 % interval").first).to_be_visible()


def test_groups_filter_for_any_metric_and_run(three, open_page):
    """Regressed, improved and the rest count and show the rows of what is in focus."""
    page = open_page(f"evaluations/compare?ids={','.join(three)}&metric=exact&run={three[1]}")
    groups = groups_of(page)
    groups.get_by_role("button", name="Improved 4").click()
    expect(rows_of(page)).to_have_count(5)
    groups.get_by_role("button", name="Regressed 1").click()
    expect(page).to_have_url(re.compile("group=regressed"))
    expect(rows_of(page)).to_have_count(2)
    expect(rows_of(page).nth(1)).to_contain_text("#5")
    expect(groups.get_by_role("button", name="Not comparable 1")).to_be_enabled()
    page.get_by_label("In which run").select_option(three[2])
    expect(groups.get_by_role("button", name="Improved 2")).to_be_visible()
    page.reload()
    expect(rows_of(page)).to_have_count(2)


def test_nothing_is_cut(three, open_page):
    """Long outputs fold and unfold wholly, errors are whole, and each cell leads to its trace."""
    page = open_page(f"evaluations/compare?ids={','.join(three[:2])}&sort=row")
    row = rows_of(page).filter(has_text="#7")
    row.get_by_role("button", name="Show all").first.click()
    expect(row).to_contain_text("word1999")
    for _ in range(10):
        page.keyboard.press("j")
    failed = rows_of(page).filter(has_text="#9")
    expect(failed.get_by_role("cell").nth(1)).to_contain_text("ValueError: no answer to 9")
    failed.get_by_role("link", name="trace").first.click()
    expect(page.get_by_role("tree", name="Calls of this trace")).to_contain_text("predict")


def test_words_that_differ_are_marked(three, open_page):
    """Outputs are marked word by word against the baseline."""
    page = open_page(f"evaluations/compare?ids={','.join(three[:2])}&metric=exact&group=regressed")
    cells = rows_of(page).nth(1).get_by_role("cell")
    expect(cells.nth(1).locator("del")).to_have_text("yes")
    expect(cells.nth(2).locator("ins")).to_have_text("no")


def test_all_trials_are_shown(client, open_page):
    """A row has each of its trials, in every run."""
    models = Answerer(name="one", wrong=(1,)), Answerer(name="two")
    ids = evaluate(client, *models, rows=3, trials=3)
    page = open_page(f"evaluations/compare?ids={','.join(ids)}")
    expect(rows_of(page)).to_have_count(4)
    for text in ("trial 1", "trial 2", "trial 3"):
        expect(rows_of(page).nth(1).get_by_text(text)).to_have_count(2)


def test_the_baseline_is_chosen_by_menu_and_keys(three, open_page):
    """Menus and Alt with the arrows choose the baseline, into the address; runs come and go."""
    page = open_page(f"evaluations/compare?ids={','.join(three)}")
    chips = page.get_by_role("list", name="Compared runs").get_by_role("button")
    chips.nth(2).click()
    page.get_by_role("menuitem", name="Measure the others against it").click()
    expect(chips.nth(0)).to_have_text(re.compile("^other baseline"))
    expect(page).to_have_url(re.compile(three[2] + ".+" + three[0]))
    chips.nth(0).focus()
    page.keyboard.press("Alt+ArrowRight")
    expect(chips.nth(0)).to_have_text(re.compile("^plain baseline"))
    chips.nth(1).click()
    page.get_by_role("menuitem", name="Leave it out").click()
    expect(chips).to_have_count(2)
    page.get_by_role("button", name="Add a run").click()
    page.get_by_role("menuitem", name="other").click()
    expect(chips).to_have_count(3)
    page.go_back()
    expect(chips).to_have_count(2)


def test_a_chip_is_dragged_to_be_the_baseline(three, open_page):
    """Dropped on the first place, a run is what others are measured against."""
    page = open_page(f"evaluations/compare?ids={','.join(three)}")
    chips = page.get_by_role("list", name="Compared runs").get_by_role("listitem")
    chips.nth(1).drag_to(chips.nth(0))
    expect(chips.nth(0).get_by_role("button")).to_have_text(re.compile("^better baseline"))


def test_the_projects_baseline_is_the_terminals(client, three, open_page):
    """Making a run the baseline is what `weavelite eval baseline` reads, and the list shows it."""
    page = open_page(f"evaluations/compare?ids={three[0]},{three[1]}")
    page.get_by_role("button", name="Make better the baseline").click()
    page.get_by_role("dialog").get_by_role("button", name="Make it the baseline").click()
    expect(page).to_have_url(re.compile(f"ids={three[1]}"))
    runs = Runs(client.store, PROJECT)
    assert runs.choose("baseline").id == three[1] and runs.is_marked(runs.choose(three[1]))
    page.get_by_role("link", name="Evaluations /").click()
    runs = page.get_by_role("table", name="Runs").get_by_role("row")
    expect(runs.filter(has_text="better").first).to_contain_text("baseline")


def test_a_comparison_is_exported(three, open_page):
    """The verdicts leave as Markdown, the rows as CSV with whole texts."""
    page = open_page(f"evaluations/compare?ids={','.join(three)}")
    for item, texts in (("Markdown", ["| metric |", "plain"]), ("CSV", ["word1999", "row.answer"])):
        page.get_by_role("button", name="Export").click()
        with page.expect_download() as download:
            page.get_by_role("menuitem", name=item).click()
        written = download.value.path().read_text()
        for text in texts:
            assert text in written, item


def test_brushing_a_plot_picks_rows(three, open_page):
    """What is brushed in a plot is in the address, and the rows are those in it."""
    page = open_page(f"evaluations/compare?ids={','.join(three)}&view=scatter&x=0.exact&y=1.exact")
    canvas = page.get_by_role("img", name="Each row by").locator("canvas").first
    expect(rows_of(page).nth(1)).to_be_attached()
    canvas.scroll_into_view_if_needed()
    page.wait_for_timeout(300)  # until ECharts has drawn
    box = canvas.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 14)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.98, box["y"] + 150, steps=8)
    page.mouse.up()
    expect(page).to_have_url(re.compile("pick="))
    picked = groups_of(page).get_by_role("button", name="6 picked")  # right in both
    expect(picked).to_be_visible()
    page.reload()
    expect(picked).to_be_visible()
    picked.click()
    expect(groups_of(page).get_by_role("button", name="picked")).to_have_count(0)
    page.get_by_role("button", name="Show as a table").click()
    expect(page.get_by_role("region", name="Each row by")).to_contain_text("#0")


def test_what_differs_is_side_by_side(three, open_page):
    """Fields of the models that differ stand side by side, with their words marked."""
    page = open_page(f"evaluations/compare?ids={','.join(three[:2])}&view=setup")
    differs = page.get_by_role("region", name="What differs")
    hint = differs.get_by_role("row").filter(has_text="model.hint")
    expect(hint.get_by_role("cell").nth(1).locator("ins")).to_have_text(" and kind")
    code = differs.get_by_role("row").filter(has_text="model.predict")
    expect(code).to_have_count(0)
    differs.get_by_role("button", name="Show all fields").click()
    expect(code).to_contain_text("def predict")


def test_a_rows_history_tells_its_flips(three, open_page):
    """A row over the runs of its evaluation: its scores, and who made them flip."""
    page = open_page(f"evaluations/compare?ids={','.join(three)}&sort=row")
    rows_of(page).nth(1).get_by_role("button", name="history").click()
    history = page.get_by_role("dialog")
    expect(history).to_contain_text("Row #0 over the runs of quality")
    expect(history).to_contain_text("by the model (another output)")
    expect(history.get_by_role("row")).to_have_count(4)
    page.keyboard.press("Escape")
    expect(history).to_have_count(0)
    expect(rows_of(page).first).to_be_visible()


def test_runs_are_listed_sorted_and_filtered(three, open_page):
    """Runs have their scores with intervals, sort by any column, and filter by words and names."""
    page = open_page("evaluations")
    runs = page.get_by_role("table", name="Runs").get_by_role("row")
    expect(runs).to_have_count(4)
    expect(runs.filter(has_text="better").first).to_contain_text("1 model error")
    expect(runs.nth(1)).to_contain_text("95 % interval")
    page.get_by_role("button", name="exact").click()
    expect(page).to_have_url(re.compile("sort=-exact"))
    expect(runs.nth(1)).to_contain_text("better")
    page.get_by_role("searchbox").fill("other qual")
    expect(runs).to_have_count(2)
    page.get_by_role("searchbox").fill("")
    page.get_by_label("Model", exact=True).select_option("plain")
    expect(runs).to_have_count(2)
    page.reload()
    expect(runs).to_have_count(2)


def test_runs_are_chosen_by_keys(three, open_page):
    """Keys select and compare: the oldest is the baseline until one is marked."""
    page = open_page("evaluations")
    expect(page.get_by_role("table", name="Runs").get_by_role("row")).to_have_count(4)
    for key in ("j", "x", "j", "x", "c"):
        page.keyboard.press(key)
    chips = page.get_by_role("list", name="Compared runs").get_by_role("button")
    expect(chips.first).to_have_text(re.compile("^better baseline"))


def test_progress_moves(client, open_page):
    """While it runs, an evaluation counts its rows, errors, rate and the time left, by itself."""
    go_on = threading.Event()

    @weavelite.op
    def slow(n):
        if n == 1:
            raise ValueError("not this one")
        if n > 3:
            go_on.wait(60)
        return f"yes {n}"

    page = open_page("evaluations")
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(evaluate, client, slow)
        try:
            run = page.get_by_role("row").filter(has_text="slow")
            expect(run).to_contain_text("4 of 12")
            expect(run.get_by_role("progressbar")).to_have_attribute("value", "4")
            expect(run).to_contain_text("1 model error")
            expect(run).to_contain_text("left")
        finally:
            go_on.set()
        done.result(60)
    expect(run).to_contain_text("12 rows")
    expect(run.get_by_role("progressbar")).to_have_count(0)


def test_the_leaderboard_marks_the_best(client, three, open_page):
    """Models stand with the newest of their runs, the best marked; saved ones are listed too."""
    column = weavelite.LeaderboardColumn(
        evaluation_object_ref="quality",
        scorer_name="exact",
        summary_metric_path="true_fraction",
    )
    weavelite.publish(weavelite.Leaderboard(name="short", columns=[column]))
    client.finish()
    page = open_page("evaluations/leaderboard")
    board = page.get_by_role("table", name="Leaderboard")
    best = board.get_by_role("row").filter(has_text="better")
    expect(best.get_by_role("link", name="best 90.9 %")).to_be_visible()
    heads = board.get_by_role("columnheader")
    expect(heads).to_have_text(
        ["Model", "quality", re.compile("^exact"), re.compile("^length.size")]
    )
    page.get_by_role("combobox", name="Leaderboard").select_option("name:short")
    expect(heads).to_have_text(["Model", "quality", re.compile("^exact.true_fraction")])
    expect(page).to_have_url(re.compile("name=short"))
    best.get_by_role("link", name="best").click()
    expect(page).to_have_url(re.compile(three[1]))


def test_plots_are_brushed_by_keyboard(client, open_page):
    """Sliders choose what a pointer would drag over; the address has it, and the rows follow."""
    ids = evaluate(client, Answerer(), Answerer(wrong=(1, 2)))
    page = open_page(f"evaluations/compare?ids={','.join(ids)}&view=parallel")
    page.get_by_role("button", name="Choose ranges").press("Enter")
    ranges = page.get_by_role("group", name="Ranges")
    slider = ranges.get_by_role("slider").first
    slider.focus()
    page.keyboard.press("End")
    expect(page).to_have_url(re.compile("pick="))
    ranges.get_by_role("button", name="Let go").press("Enter")
    expect(page).not_to_have_url(re.compile("pick="))
    page.get_by_role("button", name="Scatter").click()
    page.get_by_role("button", name="Choose ranges").press("Enter")
    page.get_by_role("group", name="Ranges").get_by_role("slider").nth(1).focus()
    page.keyboard.press("Home")
    expect(page).to_have_url(re.compile("pick="))
