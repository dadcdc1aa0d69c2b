"""The command that runs a captured call again: weavelite replay."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from weavelite.cli.options import ProjectOption, StoreOption, choose_project, drained_store
from weavelite.cli.show import duration, find_call
from weavelite.cli.wordings import difference_text, shown
from weavelite.errors import EvaluationError
from weavelite.records.answers import CallDetail


def replay(
    call_id: Annotated[str, typer.Argument(help="The id of a call; weavelite ls prints them.")],
    file: Annotated[
        str, typer.Argument(help="A Python file, or a module, that defines the op: app.py, app:fn.")
    ],
    changes: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="PATH=VALUE", help="Such as inputs.question=…, self.field=…"),
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="The argument model, or the field of the object.")
    ] = None,
    store: StoreOption = None,
    project: ProjectOption = None,
) -> None:
    """Run a captured call again with your code, and show how the answers differ.

    The file is run; code that rests in the store never is. The new call names the old one in its
    attribute replay_of. Status 1 when the new call fails.
    """
    from weavelite.api import finish, init
    from weavelite.trace.replaying import replay as run_again

    opened, path = drained_store(store)
    name = choose_project(opened, project)
    before = find_call(opened, name, call_id)
    opened.close()
    asked = [_change(text) for text in changes or ()]
    function = _loaded(file)
    client = init(name, store=path)  # the file may have named another
    call = client.get_call(before.id)
    if model is not None:
        asked.append((_place_of_model(before), model))
    made = run_again(call, function, {at: _read(before, at, text) for at, text in asked})
    after = client.store.call(name, made.id, costs=True)
    _print(before, after, [at for at, _ in asked], client.call_url(made.id))
    finish()
    raise typer.Exit(1 if after.error else 0)


def _change(text: str) -> tuple[str, str]:
    path, equals, value = text.partition("=")
    if not equals or not path:
        raise EvaluationError(f"--set {text}: write PATH=VALUE, such as inputs.question=Why?")
    return path, value


def _loaded(text: str) -> Any:
    """Runs a file or imports a module; returns the function that is named after a colon."""
    from importlib import import_module

    from weavelite.cli.loading import load_file

    name, _, function = text.partition(":")
    if name.endswith(".py") or Path(name).exists():
        module = load_file(Path(name))
    else:
        sys.path.insert(0, "")
        try:
            module = import_module(name)
        except ModuleNotFoundError as error:
            raise EvaluationError(f"There is no file or module {name}: {error}.") from None
    if not function:
        return None
    found: Any = module
    for step in function.split("."):
        found = getattr(found, step, None)
    if not callable(found):
        raise EvaluationError(f"{name} has no function {function}.")
    return found


def _place_of_model(call: CallDetail) -> str:
    inputs = call.inputs if isinstance(call.inputs, dict) else {}
    return "self.model" if "self" in inputs and "model" not in inputs else "model"


def _read(call: CallDetail, path: str, text: str) -> Any:
    """Reads a value as JSON, unless it takes the place of a text."""
    value: Any = call.inputs
    for step in path.removeprefix("inputs.").split("."):
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            value = None
    if isinstance(value, str):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


def _print(before: CallDetail, after: CallDetail, changed: list[str], url: str) -> None:
    console = Console()
    colored = console.is_terminal and sys.stdout.isatty()
    console.print(Text(f"{before.op_name}  {before.id} → {after.id}", style="bold"), soft_wrap=True)
    if changed:
        console.print(Text(f"changed: {', '.join(changed)}", style="dim"), soft_wrap=True)
    for name, one, other in (
        ("output", before.output, after.output),
        ("error", before.error or "", after.error or ""),
    ):
        if one == other:
            if name == "output":
                console.print(Text("the output is the same:", style="dim"))
                console.print(Text(shown(one)), soft_wrap=True)
            continue
        console.print(Text(f"{name}:", style="dim"))
        console.print(difference_text(one, other, colored=colored), soft_wrap=True)
    for name, one, other in (
        ("latency", _latency(before), _latency(after)),
        ("tokens", _count(before.sum_tokens), _count(after.sum_tokens)),
    ):
        if one != "–" or other != "–":
            console.print(Text(f"{name}: {one} → {other}", style="dim"))
    console.print(Text(url, style="dim"), soft_wrap=True)


def _latency(call: CallDetail) -> str:
    return duration(None if call.end_us is None else call.end_us - call.start_us)


def _count(tokens: int | None) -> str:
    return f"{tokens:,}" if tokens else "–"
