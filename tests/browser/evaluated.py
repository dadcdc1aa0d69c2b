"""Evaluations that are run before a page is looked at."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from weavelite.runs.choosing import Runs


def run_all(client, evaluation, models):
    """Runs an evaluation with each model, and returns the ids of the runs in that order.

    Playwright's loop runs in the thread of a test: evaluations get one of their own.
    """
    found = []
    with ThreadPoolExecutor(1) as pool:
        for model in models:
            pool.submit(lambda model=model: asyncio.run(evaluation.evaluate(model))).result(60)
            found.append(Runs(client.store, "local/test").latest().id)
    client.finish()
    return found
