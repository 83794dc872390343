"""Times as people write them, and the one form in which they are written again."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given

from deploybot.domain.grammar_times import parse_when, when_text
from deploybot.domain.query import Ago, Day, Instant, NamedDay, When
from deploybot.errors import UserError
from tests.domain.strategies import agos, spans

TEN = Instant(datetime(2026, 11, 23, 10, 0, tzinfo=UTC))


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("2026-11-23", Day(date(2026, 11, 23))),
        ("2026--11--23", Day(date(2026, 11, 23))),
        ("2024-02-29", Day(date(2024, 2, 29))),
        ("2026-11-23T10:00:00Z", TEN),
        ("2026-11-23T10:00Z", TEN),
        ("2026-11-23t10:00z", TEN),
        ("2026-11-23 10:00 UTC", TEN),
        ("2026-11-23T11:00+01:00", TEN),
        ("2026-11-23T11:00:00+0100", TEN),
        ("2026-11-23T04:30:00-05:30", TEN),
        ("2026-11-23T10:00:00.999Z", TEN),
        ("5m", Ago(5, "m")),
        ("2H", Ago(2, "h")),
        ("7d", Ago(7, "d")),
        ("1w", Ago(1, "w")),
        ("0m", Ago(0, "m")),
        ("today", NamedDay.TODAY),
        ("Yesterday", NamedDay.YESTERDAY),
    ],
)
def test_a_time_is_read(text: str, when: When) -> None:
    assert parse_when(text) == when


@given(spans | agos)
def test_a_time_comes_back_from_its_text(when: When) -> None:
    assert parse_when(when_text(when)) == when


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2026-02-30", "not in the calendar"),
        ("2026-13-01", "not in the calendar"),
        ("2025-02-29", "not in the calendar"),
        ("2026-11-23T24:00Z", "not in the calendar"),
        ("2026-11-23T10:00:60Z", "not in the calendar"),
        ("2026-11-23T10:00+25:00", "not in the calendar"),
        ("2026-11-23T10:00+01:60", "not in the calendar"),
        ("0000-01-01", "not in the calendar"),
        ("1969-12-31", "too far away"),
        ("9999-01-01", "too far away"),
        ("1970-01-01T00:00+01:00", "too far away"),
        ("9999-12-31T23:59:59-10:00", "not in the calendar"),
        ("0001-01-01T00:00+10:00", "not in the calendar"),
        ("2026-11-23T10:00", "lacks a time zone"),
        ("2026-11-23T10:00:00", "lacks a time zone"),
        ("tomorrow", "can't read"),
        ("2y", "can't read"),
        ("h", "can't read"),
        ("1000000h", "can't read"),
        ("9" * 5000 + "h", "can't read"),
        ("٢h", "can't read"),
        ("٢٠٢٦-11-23", "can't read"),
        ("20261123", "can't read"),
        ("2026-W47-1", "can't read"),
        ("23.11.2026", "can't read"),
        ("-2h", "can't read"),
        ("", "can't read"),
    ],
)
def test_anything_else_is_told_in_a_sentence(text: str, told: str) -> None:
    with pytest.raises(UserError, match=told):
        parse_when(text)
