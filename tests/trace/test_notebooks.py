"""A notebook: cells that are run again, top-level await, magics, in a real IPython shell."""

import pytest

NOTEBOOK = """
import asyncio, sys
from IPython.core.interactiveshell import InteractiveShell

shell = InteractiveShell.instance()

def cell(text):
    result = shell.run_cell(text, store_history=True)
    result.raise_error()
    return result.result

cell("import asyncio, weavelite; client = weavelite.init('test', store='w.db')")
cell("PROMPT = 'one'\\n"
     "@weavelite.op\\n"
     "def leaf(x):\\n"
     "    return PROMPT + x\\n")
cell("leaf('a')")
cell("leaf('a')")
cell("@weavelite.op\\n"
     "async def outer():\\n"
     "    return await asyncio.gather(*(asyncio.to_thread(leaf, x) for x in 'bc'))\\n")
assert cell("await outer()") == ["oneb", "onec"]
cell("PROMPT = 'two'\\n"                      # the cell is edited, and run again
     "@weavelite.op\\n"
     "def leaf(x):\\n"
     "    return PROMPT + x + '!'\\n")
assert cell("leaf('d')") == "twod!"
cell("@weavelite.op\\n"
     "def stream():\\n"
     "    yield leaf('e')\\n"
     "list(stream())\\n")
cell("client = weavelite.init('test', store='w.db')")   # the first cell is run again
cell("%timeit -n1 -r1 leaf('f')")

calls = list(cell("client.get_calls()"))
names = {call.id: call.op_name for call in calls}
for call in calls:
    print(call.op_name, names.get(call.parent_id), call.output)
versions = {call.op_digest for call in calls if call.op_name == "leaf"}
print("versions of leaf:", len(versions))
print(cell("leaf.get_captured_code()"))
"""


def test_a_notebook_is_traced_as_a_program_is(program):
    """Each run of a cell is there once, nested; a cell that was edited is a new version."""
    pytest.importorskip("IPython", reason="IPython comes with the extra dev")
    printed = program(NOTEBOOK)
    assert sorted(line for line in printed.splitlines() if "None" in line or "outer" in line) == [
        "leaf None onea", "leaf None onea", "leaf None twod!", "leaf None twof!",
        "leaf outer oneb", "leaf outer onec",
        "outer None ['oneb', 'onec']", "stream None ['twoe!']",
    ]  # fmt: skip
    assert "leaf stream twoe!" in printed and "versions of leaf: 2" in printed
    assert 'PROMPT = "two"' in printed and "return PROMPT + x + '!'" in printed
