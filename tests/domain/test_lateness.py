"""How late a turn begins, and when the next one is due."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploybot.domain.lateness import lateness

SECONDS = st.floats(0, 1e6)


@pytest.mark.parametrize(
    ("due", "now", "late", "following"),
    [
        (None, 50.0, 0.0, 60.0),
        (60.0, 60.0, 0.0, 70.0),
        (60.0, 59.0, 0.0, 69.0),
        (60.0, 63.0, 3.0, 70.0),
        (60.0, 70.0, 10.0, 80.0),
        (60.0, 95.0, 35.0, 100.0),
    ],
)
def test_lateness_is_counted_from_the_schedule(due: float | None, now: float, late: float, following: float) -> None:
    assert lateness(due, now, 10.0) == (late, following)


@given(due=SECONDS, now=SECONDS, every=st.floats(0.1, 7200))
def test_the_next_one_is_due_later_than_now_and_within_an_interval(due: float, now: float, every: float) -> None:
    late, following = lateness(due, now, every)
    assert late == max(0.0, now - due)
    assert now - 1e-6 <= following <= now + every + 1e-6
