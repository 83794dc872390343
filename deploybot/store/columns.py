"""How instants, words and bodies become columns, the same in both databases.

An instant is a whole number of microseconds since 1970 in UTC. SQLite has no type for it, PostgreSQL's would come back
in the session's zone and be parsed; an integer is exact, sorts, and costs least in both.
"""

from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar

import msgspec
from sqlalchemy import BigInteger, Dialect, Text
from sqlalchemy.types import TypeDecorator

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

T = TypeVar("T")


def to_micros(instant: datetime) -> int:
    """Microseconds since 1970; a naive datetime is a TypeError."""
    return (instant - _EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    return _EPOCH + timedelta(microseconds=micros)


class Instant(TypeDecorator[datetime]):
    """A datetime with a zone in Python, microseconds in the database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        return None if value is None else to_micros(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else from_micros(value)


class Words(TypeDecorator[str]):
    """Text from outside: PostgreSQL takes no NUL, so none is kept."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        return value.replace("\0", "") if value else value


class Codec(Generic[T]):
    """A value as JSON text, readable in any SQL shell. What a later version adds to a struct needs a default only."""

    def __init__(self, kind: type[T]) -> None:
        self._decoder = msgspec.json.Decoder(kind)
        self._encoder = msgspec.json.Encoder()

    def text(self, value: T) -> str:
        return self._encoder.encode(value).decode()

    def value(self, text: str) -> T:
        return self._decoder.decode(text)
