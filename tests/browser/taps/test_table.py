"""No task is forgotten: each is clicked through, or it is said what is missing."""

from __future__ import annotations

from tests.browser.taps import test_desk, test_field, test_residents
from tests.browser.taps.hand import TASKS, TESTED, WITHOUT_A_FEATURE

FACES = (test_desk, test_field, test_residents)
"""Importing them fills ``TESTED``."""


def test_every_task_is_clicked_through_or_has_no_feature_yet() -> None:
    print("\nTasks without a feature:", *(f"  {task}: {why}" for task, why in WITHOUT_A_FEATURE.items()), sep="\n")
    assert set(TESTED) | set(WITHOUT_A_FEATURE) == set(TASKS)
    assert set(TESTED) & set(WITHOUT_A_FEATURE) == set(), "the feature is there: take the line away"
