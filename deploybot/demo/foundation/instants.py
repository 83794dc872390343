"""Points in time as whole microseconds since 1970 in UTC: the precision that the real database keeps."""

from datetime import UTC, datetime, timedelta

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def from_text(text: str) -> int:
    """The instant of `2026-11-23T08:06:30Z`, with or without a fraction."""
    return from_datetime(datetime.fromisoformat(text))


def from_datetime(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)


def to_text(instant: int) -> str:
    """`YYYY-MM-DDThh:mm:ssZ`: the API drops the fraction."""
    return to_datetime(instant).strftime("%Y-%m-%dT%H:%M:%SZ")


def to_datetime(instant: int) -> datetime:
    return EPOCH + timedelta(microseconds=instant)


def from_seconds(seconds: float) -> int:
    return round(seconds * SECOND)
