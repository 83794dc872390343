"""A question about the record: what somebody typed as what the record is asked, and a page of it as a button's text."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from deploybot.domain.audit import AuditAsk
from deploybot.domain.grammar import ROWS_IN_SLACK, parse, to_text
from deploybot.domain.query import Command, Query, Verb
from deploybot.domain.times import resolve
from deploybot.errors import UserError

MOST_SKIPPED = 10_000
"""Events that may come before a page; whoever looks further back narrows the question, or asks in a terminal."""
_VERSION = "1"
_TURN = re.compile(r"1 ([0-9]{1,5}) ([0-9]{1,18}) (audit(?: .*)?)", re.DOTALL)
_MOST_ASKED = 1_950
_NOT_MINE = "This button is not one of mine any more: type /deployments audit."
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_USER = re.compile(r"[UW][A-Z0-9]{2,20}")


@dataclass(frozen=True, slots=True)
class AuditTurn:
    """A page of an answer: `skip` events come before it. `as_of` is when the question was first asked.

    Nothing later is on any page of it, so that turning a page neither repeats an event nor skips one.
    """

    command: Command
    as_of: datetime
    skip: int = 0

    @property
    def most(self) -> int:
        """Events on a page."""
        return self.command.query.per_page

    @property
    def asked(self) -> str:
        """The question as canonical text: `audit cancel app=checkout`."""
        return to_text(self.command)


def first_turn(command: Command, now: datetime) -> AuditTurn:
    """The page that is asked for; UserError where it is too far back."""
    query = command.query
    skip = (query.page - 1) * query.per_page
    if skip > MOST_SKIPPED:
        raise UserError(
            f"I show the newest {MOST_SKIPPED:,} events here: narrow the question, for example with since=7d."
        )
    return AuditTurn(replace(command, query=replace(query, page=1)), now, skip)


def turn_value(turn: AuditTurn) -> str:
    """The turn as a button's text: version, events before it, instant in microseconds, and the question."""
    return f"{_VERSION} {turn.skip} {(turn.as_of - _EPOCH) // timedelta(microseconds=1)} {turn.asked}"


def parse_turn_value(text: str) -> AuditTurn:
    """What `turn_value` wrote; a UserError for anything else."""
    found = _TURN.fullmatch(text)
    if not found or int(found[1]) > MOST_SKIPPED:
        raise UserError(_NOT_MINE)
    try:
        as_of = _EPOCH + timedelta(microseconds=int(found[2]))
    except OverflowError as problem:
        raise UserError(_NOT_MINE) from problem
    command = parse(found[3], most_rows=ROWS_IN_SLACK, most_canonical=_MOST_ASKED)
    if command.verb is not Verb.AUDIT or command.query.page != 1:
        raise UserError(_NOT_MINE)
    return AuditTurn(command, as_of, int(found[1]))


def to_ask(turn: AuditTurn, user: str) -> AuditAsk:
    """What the record is asked, by a person: `by=me` is their own Slack id; times mean those at `as_of`."""
    query = turn.command.query
    between = resolve(query.created, turn.as_of, query.tz or "UTC")
    if between.seconds:
        raise UserError("Ask the record for a time with since= and until=, not for a list of moments.")
    return AuditAsk(
        kinds=(turn.command.subject,) if turn.command.subject else (),
        by=tuple(_person(word, user) for word in query.by),
        **_places(query),
        since=between.since,
        until=min(filter(None, (between.until, turn.as_of))),
    )


def _places(query: Query) -> dict[str, tuple[str, ...]]:
    return {
        "foundations": query.foundations,
        "orgs": query.orgs,
        "spaces": query.spaces,
        "apps": query.apps,
        "guids": query.guids,
    }


def _person(word: str, user: str) -> str:
    """A Slack id as Slack writes it, a Cloud Foundry account as it is."""
    if word.casefold() == "me":
        return user
    return word.upper() if _USER.fullmatch(word.upper()) and any(map(str.isdigit, word)) else word
