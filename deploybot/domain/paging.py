"""Where a page begins: the total order of deployments, the key of a row in it, and the turn that a button makes.

The server orders by microseconds that it does not show. Deployments are therefore ordered here by
(second, foundation, guid), which anybody can tell from a row: a page continues strictly after a key, so walking
forward can neither repeat a row nor skip one, whatever was inserted or deleted meanwhile.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from deploybot.domain.deployment import Deployment
from deploybot.domain.query import Column, Sort
from deploybot.errors import UserError


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """A row's place in the total order. `second` is seconds since 1970, 0 where the row has no such time."""

    second: int
    foundation: str
    guid: str


def key_of(foundation: str, deployment: Deployment, sort: Sort) -> Key:
    """The key of a row under a sort."""
    at = deployment.created_at if sort.column is Column.CREATED else deployment.updated_at
    return Key(_seconds(at), foundation, deployment.guid)


def _seconds(at: datetime | None) -> int:
    return int(at.timestamp()) if at else 0


class Move(StrEnum):
    """What a button does: to an end of the result, on from a key in the shown order, or to a position."""

    FIRST = "first"
    PREVIOUS = "prev"
    NEXT = "next"
    LAST = "last"
    AT = "at"
    """To row `shown`, counted off: only where the server takes no bounds on the sort column."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of the page. `after` is the edge row it continues from (None at the ends), `top` the first row ever
    shown on this walk (what lies above it is "newer"), `shown` how many rows the pages before have shown.
    """

    move: Move = Move.FIRST
    after: Key | None = None
    top: Key | None = None
    shown: int = 0


FIRST = Turn()

MAX_TURN = 200
"""A turn's text is never longer: two keys of 11 + 31 + 36 characters and separators, the move, and 12 digits."""

_COUNT = re.compile(r"[0-9]{1,12}")
_KEY = re.compile(r"([0-9]{1,11})/([a-z0-9][a-z0-9-]{0,30})/([A-Za-z0-9_.-]{1,36})")


def turn_text(turn: Turn) -> str:
    """The turn as text without blanks, for a button: `next:1790000000/eu/0a1b~1790000100/eu/9f8e~20`."""
    if turn == Turn(turn.move):
        return turn.move.value
    return f"{turn.move}:{_key_text(turn.after)}~{_key_text(turn.top)}~{turn.shown}"


def _key_text(key: Key | None) -> str:
    return f"{key.second}/{key.foundation}/{key.guid}" if key else ""


def parse_turn(text: str) -> Turn:
    """The turn that `turn_text` wrote; a UserError for anything else."""
    move, _, rest = text.partition(":")
    try:
        if not rest:
            return Turn(Move(move))
        after, top, shown = rest.split("~")
        return Turn(Move(move), _parse_key(after), _parse_key(top), _parse_count(shown))
    except ValueError as problem:
        raise UserError("This button is not one of mine any more; type the question again.") from problem


def _parse_count(text: str) -> int:
    if not _COUNT.fullmatch(text):
        raise ValueError(text)
    return int(text)


def _parse_key(text: str) -> Key | None:
    if not text:
        return None
    found = _KEY.fullmatch(text)
    if not found:
        raise ValueError(text)
    return Key(int(found[1]), found[2], found[3])
