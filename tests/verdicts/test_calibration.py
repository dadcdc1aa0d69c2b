"""Intervals cover what they claim, and verdicts cry wolf no more often than they may."""

import pytest

from tests.benchmarks.verdict_calibration import SCORES, calibrate

TIMES = 400
SLACK = 0.033  # three standard errors of a share of 5 % over so many comparisons
SKEWED = {"skewed, exponential": 0.02, "skewed, log-normal": 0.07, "skewed, 80 % zeros": 0.12}
"""Are hard for any method: a few rows do not show how long the tail is."""


@pytest.mark.parametrize("rows", [12, 60])
@pytest.mark.parametrize("score", SCORES, ids=lambda score: score.name)
def test_intervals_cover_and_verdicts_hold_their_level(score, rows):
    """95 % intervals hold the truth 95 times in 100, and no difference is found 5 times at most."""
    found = calibrate(score, rows, TIMES)
    slack = SLACK + SKEWED.get(score.name, 0.0)
    assert found.covers >= 0.95 - slack
    assert score.truth or found.decides <= 0.05 + slack
