"""What `weavelite sql` says of the views."""

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from weavelite.store import views
from weavelite.store.selecting import ViewColumns


def print_views(described: Sequence[ViewColumns]) -> None:
    """Prints the views, their columns, and queries to begin with."""
    console = Console()
    for view in described:
        console.print(f"[bold]{view.name}[/]  [dim]{view.meaning}[/]", highlight=False)
        console.print(Text("  " + ", ".join(view.columns)))
    console.print(
        "\n[dim]costs_v1, bodies_v1 and evaluations_v1 are in `weavelite sql` only; the others are"
        " in the file, for any tool that opens SQLite.[/]\n",
        highlight=False,
    )
    for example in views.EXAMPLES:
        console.print(Text(f'weavelite sql "{example}"', style="cyan"), soft_wrap=True)
