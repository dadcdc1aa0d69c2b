"""Names of runs that can be told apart in a list."""

import random
from datetime import datetime

ADJECTIVES = [
    "amber",
    "brisk",
    "calm",
    "clear",
    "deft",
    "eager",
    "fair",
    "fond",
    "grand",
    "keen",
    "lively",
    "mild",
    "neat",
    "quick",
]
NOUNS = [
    "badger",
    "crane",
    "falcon",
    "finch",
    "heron",
    "lynx",
    "marten",
    "otter",
    "owl",
    "robin",
    "stoat",
    "swift",
    "tern",
    "wren",
]


def run_name() -> str:
    """Makes a name of today's date and two words."""
    pick = random.Random().choice  # not the global source, which the user may have seeded
    return f"eval-{datetime.now():%Y-%m-%d}-{pick(ADJECTIVES)}-{pick(NOUNS)}"
