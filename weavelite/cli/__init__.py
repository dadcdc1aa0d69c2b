"""The command line: where the SDK's store and the server come together."""

import sys


def main() -> None:
    """Runs `weavelite`; a mistake of the user ends with a sentence, not with a traceback."""
    from weavelite.cli.commands import app
    from weavelite.errors import WeaveliteError

    try:
        app()
    except WeaveliteError as error:
        print(f"weavelite: {error}", file=sys.stderr)
        sys.exit(2)
    except BrokenPipeError:  # the reader, such as head, has seen enough
        sys.stderr.close()
