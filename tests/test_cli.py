"""The command line answers, and explains mistakes in a sentence."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time

import httpx
import pytest

import weavelite
from weavelite import instrument
from weavelite.cli.show import dollars


@weavelite.op
def work(x):
    return {"doubled": x * 2}


@weavelite.op
def outer(x):
    return work(x)


def run(*arguments, columns=140):
    environment = {**os.environ, "COLUMNS": str(columns)}
    command = [sys.executable, "-m", "weavelite", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env=environment)


@pytest.fixture
def traced(store_path):
    """A store with two traces."""
    weavelite.init("test", store=store_path)
    outer(1)
    _, call = outer.call(2)
    weavelite.finish()
    return store_path, call


def test_ls_lists_projects_and_traces(traced):
    """`ls` says how much there is, and lists the newest traces with their ids."""
    path, call = traced
    answer = run("ls", "--store", path)
    assert answer.returncode == 0, answer.stderr
    assert "local/test" in answer.stdout and "2 traces" in answer.stdout
    assert call.id in answer.stdout and "outer" in answer.stdout
    assert call.id in run("ls", "--store", path, columns=80).stdout
    assert "1 trace ·" in run("ls", f"id:{call.id}", "--store", path).stdout
    assert "4 calls" in run("ls", "--store", path, "--all").stdout
    assert "0 traces" in run("ls", "status:error", "--store", path).stdout
    found = run("ls", "op:work -latency:>1h", "--store", path, "--all", "-n", "1").stdout
    assert "2 calls" in found and found.count("work") == 1


def test_show_prints_a_call(traced):
    """`show` prints the tree, the inputs and the output."""
    path, call = traced
    answer = run("show", call.id, "--store", path)
    assert "outer" in answer.stdout and "└── ● work" in answer.stdout
    assert '"x": 2' in answer.stdout and '"doubled": 4' in answer.stdout


def test_show_says_in_words_what_json_has_no_form_for(tmp_path):
    """`show` prints content, dates and sets as people read them, and not how they are stored."""
    path = tmp_path / "w.db"
    weavelite.init("test", store=path)
    _, call = weavelite.op(lambda x: {7}).call(weavelite.Content.from_text("hello"))
    weavelite.finish()
    printed = run("show", call.id, "--store", path).stdout
    assert '"x": "<text/plain, 5 bytes>"' in printed and "_type" not in printed


def test_sql_reads_and_does_not_write(traced):
    """`sql` answers queries, as a table or JSON, and cannot change the store."""
    path, _ = traced
    answer = run("sql", "select count(*) as n from calls", "--json", "--store", path)
    assert json.loads(answer.stdout) == {"n": 4}
    refused = run("sql", "delete from calls", "--store", path)
    assert refused.returncode == 2 and "readonly" in refused.stderr


def test_sql_of_a_project(traced):
    """`:project` in a query is the project that is named, or else the one traced into last."""
    path, _ = traced
    query = "select count(*) as n from calls_v1 where project = :project"
    for named in ([], ["--project", "local/test"]):
        answer = run("sql", query, "--json", "--store", path, *named)
        assert json.loads(answer.stdout) == {"n": 4}
    unknown = run("sql", query, "--store", path, "--project", "nowhere")
    assert unknown.returncode == 2 and "no project local/nowhere" in unknown.stderr


def test_a_folder_stands_for_the_store_in_it(traced):
    """Who names the folder of a store means its weavelite.db."""
    path, _ = traced
    assert run("ls", "--store", path.parent).stdout == run("ls", "--store", path).stdout != ""


def test_settings_and_version():
    """`settings` lists every variable with its origin; `version` prints the version."""
    listed = run("settings").stdout
    assert "WEAVELITE_HOME" in listed and "environment" in listed
    assert run("version").stdout.strip() == weavelite.__version__


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["ls", "--store", "/nowhere/x.db"], "no store at /nowhere/x.db"),
        (["ls", "--project", "a/b/c"], "not a project name"),
        (["ls", "--project", "none"], "no project local/none; there are: local/test"),
        (["ls", "status:odd"], "not a status"),
        (["ls", "latensy:>1s"], "Did you mean latency"),
        (["show", "abc"], "not a call id"),
        (["show", "0" * 32], "no call"),
        (["sql", "selec 1"], "syntax error"),
        (["ui", "--host", "0.0.0.0"], "loopback only"),
    ],
)
def test_mistakes_are_explained_without_a_traceback(traced, arguments, said):
    """A mistake of the user ends with a sentence and status 2."""
    if "--store" not in arguments:
        arguments = [*arguments, "--store", str(traced[0])]
    answer = run(*arguments)
    assert (answer.returncode, "Traceback" in answer.stderr) == (2, False), answer.stderr
    assert said in answer.stderr


def test_a_bad_setting_is_explained():
    """A variable that cannot be used is named."""
    os.environ["WEAVELITE_PORT"] = "x"
    answer = run("settings")
    assert answer.returncode == 2 and "WEAVELITE_PORT='x'" in answer.stderr


def test_help_explains_every_command():
    """Each command has a sentence of help, and so has each of its options."""
    listed = run("--help").stdout
    for command in ("ui", "ls", "show", "sql", "settings", "version"):
        assert command in listed
        assert run(command, "--help").returncode == 0


def test_ui_takes_the_next_free_port(traced):
    """`ui` serves on the next port when its own is taken, and says so; Ctrl-C ends it."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        command = [sys.executable, "-m", "weavelite", "ui", "--no-browser", "--port", str(port)]
        program = subprocess.Popen(
            [*command, "--store", str(traced[0])],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        line = program.stdout.readline()
        url = re.search(r"http://127.0.0.1:\d+", line)[0]
        assert not url.endswith(f":{port}")
        for _ in range(100):
            try:
                answer = httpx.get(f"{url}/api/projects")
                break
            except httpx.ConnectError:
                time.sleep(0.05)
        assert answer.json()["projects"][0]["traces"] == 2
        program.send_signal(signal.SIGINT)
        _, errors = program.communicate(timeout=20)
    assert program.returncode == 0
    assert f"Port {port} is taken" in errors and "Traceback" not in errors


@pytest.fixture
def priced(store_path):
    """A store with a trace whose model has a price, and one whose model has none."""
    client = weavelite.init("test", store=store_path)
    usage = {"prompt_tokens": 1000, "completion_tokens": 100}
    for model in ("gpt-4o-mini", "my-own"):
        call = instrument.start(f"ask {model}", {}, kind="llm", model=model)
        instrument.end(call, "said", usage=usage)
    calls = {call.model: call for call in client.get_calls()}
    weavelite.finish()
    return store_path, calls


def test_costs_are_shown_where_they_are_known(priced):
    """`ls` and `show` print what calls cost; a model without a price has no cost, not $0."""
    path, calls = priced
    listed = run("ls", "--store", path, columns=160).stdout
    known, unknown = (
        next(line for line in listed.splitlines() if calls[model].id in line)
        for model in ("gpt-4o-mini", "my-own")
    )
    assert "$0.00021" in known and "$" not in unknown
    shown = run("show", calls["gpt-4o-mini"].id, "--store", path).stdout
    assert "1,100 tokens" in shown and "$0.00021" in shown and "$0.00015" in shown
    assert "$" not in run("show", calls["my-own"].id, "--store", path).stdout


def test_sql_without_a_query_lists_the_views(priced):
    """`sql` alone prints the views, their columns and queries to begin with."""
    path, _ = priced
    answer = run("sql", "--store", path)
    assert answer.returncode == 0, answer.stderr
    assert "costs_v1" in answer.stdout and "started_at" in answer.stdout
    asked = run("sql", "select sum(cost) as usd from costs_v1", "--json", "--store", path)
    assert json.loads(asked.stdout) == {"usd": pytest.approx(0.00021)}


@pytest.mark.parametrize(
    ("amount", "text"),
    [(0, "$0.00"), (1234.5, "$1,234.50"), (0.5, "$0.5000"), (0.00021, "$0.00021"),
     (0.0012, "$0.0012"), (3e-9, "$0.0000000030")],
)  # fmt: skip
def test_amounts_are_written_as_far_as_they_tell(amount, text):
    """Dollars have cents; what is less has two digits that tell."""
    assert dollars(amount) == text
