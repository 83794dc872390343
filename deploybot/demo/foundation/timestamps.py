"""Time filters: `created_ats` and `updated_ats`, plain or with an operator, to the second."""

import re
from datetime import datetime, timedelta

from deploybot.demo.foundation.instants import EPOCH, from_datetime
from deploybot.demo.foundation.refusals import BreakdownError

FORMAT = re.compile(r"(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})Z\n?", re.ASCII)
WRONG_FORMAT = "has an invalid timestamp format. Timestamps should be formatted as 'YYYY-MM-DDThh:mm:ssZ'"
END_OF_SECOND = 999_998
"""The server adds 0.999999 as a float, which leaves out the last microsecond of each second."""

Range = tuple[int | None, int | None]
"""Lowest and highest instant that match, both included; None is open."""


def is_timestamp(text: str | None) -> bool:
    return text is not None and FORMAT.fullmatch(text) is not None


def instant(text: str) -> int:
    """30 February rolls over into March as in Ruby; month 13, hour 25 and year 0 break the server."""
    found = FORMAT.fullmatch(text)
    if found is None:
        raise ValueError(text)
    year, month, day, hour, minute, second = map(int, found.groups())
    ends_the_day = hour == 24 and not minute and not second
    if not (year and 1 <= month <= 12 and 1 <= day <= 31 and (hour < 24 or ends_the_day)):
        raise BreakdownError
    if minute > 59 or second > 60:
        raise BreakdownError
    first = datetime(year, month, 1, tzinfo=EPOCH.tzinfo)
    return from_datetime(first + timedelta(days=day - 1, hours=hour, minutes=minute, seconds=second))


def matching(operator: str | None, at: int) -> Range:
    """The instants that `operator` (None for equality) and that second let through."""
    match operator:
        case "lt":
            return None, at - 1
        case "lte":
            return None, at + END_OF_SECOND
        case "gt":
            return at + END_OF_SECOND + 1, None
        case "gte":
            return at, None
        case _:
            return at, at + END_OF_SECOND
