"""Programs that import nothing of weavelite, in a Python of their own, as their users run them."""

from pathlib import Path
from typing import Any

import pytest

CHAIN = """
from langchain_core.runnables import RunnableLambda
chain = RunnableLambda(lambda x: x + 1, name="chain")
"""
# langchain_community is there for the tests; a program without it is one that cannot import it.
# (A second environment without it would say the same, and take a minute to make.)
WITHOUT_COMMUNITY = """
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "langchain_community":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Absent())
"""
# Its hooks for callbacks, of which the one for W&B raises in each run when wandb is missing.
WITH_COMMUNITY = """
import warnings
warnings.simplefilter("ignore")
import langchain_community.callbacks.manager
"""
AGENT = """
from langchain.agents import create_agent
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage
class Model(GenericFakeChatModel):
    def bind_tools(self, tools, **_):
        return self
def weather(city: str) -> str:
    "Tells the weather."
    return f"rain in {city}"
call = {"name": "weather", "args": {"city": "Paris"}, "id": "c1"}
says = [AIMessage("", tool_calls=[call]), AIMessage("It rains.")]
agent = create_agent(Model(messages=iter(says)), [weather])
"""
EXECUTOR = """
import warnings
warnings.simplefilter("ignore")
from langchain_classic.agents import AgentType, initialize_agent
from langchain_core.language_models.fake_chat_models import FakeListChatModel
from langchain_core.tools import Tool
says = ["Thought: which?\\nAction: pick\\nAction Input: any", "Thought: so.\\nFinal Answer: Narnia"]
agent = initialize_agent(
    [Tool(name="pick", description="Picks a world.", func=lambda _: "Narnia")],
    FakeListChatModel(responses=says),
    agent=AgentType.ZERO_SHOT_REACT_DESCRIPTION,
)
"""
TRACED = ["chain"]
PTH = Path(__file__).parents[2] / "integrations" / "weavelite_autoload.pth"
VARIABLES = ("WEAVELITE_TRACE_LANGCHAIN", "LANGCHAIN_WANDB_TRACING")
COMMUNITY = {"with": WITH_COMMUNITY, "without": WITHOUT_COMMUNITY}
CASES = [(VARIABLES[0], "without"), (VARIABLES[1], "with"), (VARIABLES[1], "without")]


def switch(name: str, value: str = "true") -> str:
    return f"\nimport os; os.environ[{name!r}] = {value!r}\n"


@pytest.mark.parametrize("name", VARIABLES)
def test_set_in_the_shell(name: str, programs: Any) -> None:
    """A program run with the variable is traced, and does not even import weavelite."""
    programs.run(CHAIN + "assert chain.invoke(1) == 2", **{name: "true"})
    assert programs.tree() == TRACED


@pytest.mark.parametrize(("name", "community"), CASES)
def test_set_before_langchain_is_imported(name: str, community: str, programs: Any) -> None:
    """A program may set the variable itself, with langchain_community installed or not."""
    programs.run(switch(name) + COMMUNITY[community] + CHAIN + "assert chain.invoke(1) == 2")
    assert programs.tree() == TRACED


@pytest.mark.parametrize(("name", "community"), CASES)
def test_set_right_before_the_run(name: str, community: str, programs: Any) -> None:
    """The variable works when LangChain is imported already, and has run untraced already."""
    before = COMMUNITY[community] + CHAIN + "chain.invoke(0)"
    programs.run(before + switch(name) + "assert chain.invoke(1) == 2")
    assert programs.tree() == TRACED
    assert programs.calls()[0].inputs == {"input": 1}


@pytest.mark.parametrize("community", COMMUNITY)
def test_toggled(community: str, programs: Any) -> None:
    """The variable can be set, taken back and set again."""
    name = VARIABLES[1]
    programs.run(
        f"{COMMUNITY[community]}{CHAIN}"
        f"{switch(name)}chain.invoke(1)"
        f"{switch(name, 'false')}chain.invoke(2)"
        f"\ndel os.environ[{name!r}]; chain.invoke(3)"
        f"{switch(name)}chain.invoke(4)"
    )
    assert [call.inputs["input"] for call in programs.calls()] == [1, 4]


def test_an_agent(programs: Any) -> None:
    """An agent of create_agent is traced with its models and tools, by one line before the run."""
    programs.run(f"{AGENT}{switch(VARIABLES[1])}agent.invoke({{'messages': [('user', 'hi')]}})")
    model, tools = ["model", ["Model"]], ["tools", ["weather"]]
    assert programs.tree() == ["LangGraph", [*model, *tools, *model]]


def test_the_classic_executor(programs: Any) -> None:
    """`agent.run(...)` of the classic AgentExecutor is traced by the line of W&B's guide."""
    done = programs.run(f"{EXECUTOR}{switch(VARIABLES[1])}print(agent.run('where?'))")
    assert done.stdout.strip() == "Narnia"
    model = ["LLMChain", ["FakeListChatModel"]]
    assert programs.tree() == ["AgentExecutor", [*model, "pick", *model]]
    assert programs.calls()[0].kind == "agent"


def test_import_weavelite_is_enough(programs: Any) -> None:
    """With the autoload turned off, a program that calls init is traced by the variable."""
    for program in (
        f"import weavelite\nweavelite.init('integrations'){CHAIN}chain.invoke(1)",
        f"{WITH_COMMUNITY}{CHAIN}\nimport weavelite\nweavelite.init('integrations')\n"
        "chain.invoke(1)",
    ):
        programs.run(program, WEAVELITE_AUTOLOAD="0", LANGCHAIN_WANDB_TRACING="true")
    assert programs.tree() == TRACED * 2


def test_init_alone_does_not_trace_langchain(programs: Any) -> None:
    """Without the variable a program that traces its ops has no runs of LangChain among them."""
    programs.run(f"import weavelite\nweavelite.init('integrations'){CHAIN}chain.invoke(1)")
    assert programs.tree() == []


def test_runs_of_a_program_of_ops(programs: Any) -> None:
    """In a program that traces its ops, the runs are below them, recorded once."""
    programs.run(
        f"import weavelite\nweavelite.init('integrations'){CHAIN}"
        "weavelite.op(lambda: chain.invoke(1), name='outer')()",
        WEAVELITE_TRACE_LANGCHAIN="true",
    )
    assert programs.tree() == ["outer", ["chain"]]


def test_nothing_is_loaded_that_is_not_asked_for(programs: Any) -> None:
    """Without the variable neither weavelite nor the handler is imported, LangChain or not."""
    seen = "import sys; print(*sorted(m for m in sys.modules if m.startswith('weavelite')))"
    ours = ["weavelite_integrations", "weavelite_integrations._autoload"]
    assert programs.run(seen).stdout.split() == ours
    ran = programs.run(f"{CHAIN}chain.invoke(1)\n{seen}").stdout.split()
    assert ran == [*ours, "weavelite_integrations._langchain_hook"]


@pytest.mark.parametrize("value", ["0", "OFF"])
def test_the_autoload_can_be_turned_off(value: str, programs: Any) -> None:
    """With WEAVELITE_AUTOLOAD=0 a process has nothing of weavelite in it."""
    program = (
        f"{CHAIN}chain.invoke(1)\nimport sys\nassert not [m for m in sys.modules if 'weave' in m]"
    )
    variables = {"WEAVELITE_AUTOLOAD": value, "WEAVELITE_TRACE_LANGCHAIN": "true"}
    programs.run(program, **variables)
    assert programs.tree() == []


def test_disabled_is_disabled(programs: Any) -> None:
    """With WEAVELITE_DISABLED the variable traces nothing, and the program runs."""
    program = WITH_COMMUNITY + CHAIN + "assert chain.invoke(1) == 2"
    programs.run(program, WEAVELITE_DISABLED="true", LANGCHAIN_WANDB_TRACING="true")
    assert programs.tree() == []


def test_a_store_that_cannot_be_opened_does_not_stop_the_program(programs: Any) -> None:
    """When weavelite cannot start, the program runs, and is told once on stderr."""
    (programs.folder / "file").write_text("not a folder")
    done = programs.run(
        CHAIN + "assert [chain.invoke(i) for i in range(3)] == [1, 2, 3]",
        WEAVELITE_TRACE_LANGCHAIN="true",
        WEAVELITE_HOME=str(programs.folder / "file" / "home"),
    )
    assert "Traceback" not in done.stdout
    assert "The program goes on" in done.stderr
    assert done.stderr.count("weavelite cannot write") == 1


def test_wandb_that_is_installed_is_left_alone(programs: Any) -> None:
    """Where wandb is importable, its own tracing by its own variable goes on beside ours."""
    (programs.folder / "wandb.py").write_text("")
    program = """
    import sys
    sys.path.insert(0, ".")
    import warnings
    warnings.simplefilter("ignore")
    import langchain_community.callbacks.manager
    from langchain_core.tracers import context
    names = [hook[3] for hook in context._configure_hooks if hook[3]]
    assert names.count("LANGCHAIN_WANDB_TRACING") == 2, names
    """
    programs.run(program)


def test_the_finder_leaves_no_trace(programs: Any) -> None:
    """The module that the finder waited for keeps its own loader, and the finder goes."""
    programs.run(
        """
        import sys
        from weavelite_integrations import _autoload
        assert _autoload.FINDER in sys.meta_path
        import langchain_core.tracers.context as context
        assert _autoload.FINDER not in sys.meta_path
        assert type(context.__loader__).__module__ != "weavelite_integrations._autoload"
        assert context.__spec__.loader is context.__loader__
        hooks = len(context._configure_hooks)
        _autoload.install()
        assert len(context._configure_hooks) == hooks
        """
    )


def test_an_environment_without_the_package_is_not_bothered(programs: Any) -> None:
    """Where the .pth is left behind without its package, Python starts without a word."""
    (line,) = PTH.read_text().splitlines()
    done = programs.run(f"import sys; sys.modules['weavelite_integrations'] = None\n{line}")
    assert done.stderr == ""
