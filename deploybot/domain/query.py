"""A question as a value: what the grammar makes from text, and what the rest of the bot works with."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from deploybot.domain.ledger import Kind


class Op(StrEnum):
    EQ = "="
    LT = "<"
    LE = "<="
    GT = ">"
    GE = ">="


@dataclass(frozen=True, slots=True)
class Instant:
    """A timestamp, in UTC to the second."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Day:
    """A calendar day, in the time zone of whoever asks."""

    day: date


@dataclass(frozen=True, slots=True)
class Ago:
    """So long before the question is asked: `2h`, `7d`. Units: m(inutes), h(ours), d(ays), w(eeks)."""

    amount: int
    unit: str


class NamedDay(StrEnum):
    TODAY = "today"
    YESTERDAY = "yesterday"


When = Instant | Day | Ago | NamedDay


@dataclass(frozen=True, slots=True)
class TimeFilter:
    """`created>=2h`: an operator and what it compares with; only `=` takes more than one, and only instants."""

    op: Op
    when: tuple[When, ...]


class Column(StrEnum):
    CREATED = "created"
    UPDATED = "updated"


@dataclass(frozen=True, slots=True)
class Sort:
    column: Column = Column.CREATED
    newest_first: bool = True


@dataclass(frozen=True, slots=True)
class Interval:
    """What time filters mean once asked: from `since` (included) up to `until` (excluded), or a list of seconds.

    Half-open bounds agree with the server to the microsecond, which its own `gt` and `lte` do not.
    """

    since: datetime | None = None
    until: datetime | None = None
    seconds: tuple[datetime, ...] = ()


ANY_TIME = Interval()


@dataclass(frozen=True, slots=True)
class Query:
    """A question about deployments. An empty tuple or None means "any"; `reason=null` is the tuple `("",)`."""

    apps: tuple[str, ...] = ()
    spaces: tuple[str, ...] = ()
    orgs: tuple[str, ...] = ()
    foundations: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    """Words of `state=`: the API's in upper case (`DEPLOYED`, `ACTIVE`), people's in lower case (`failed`)."""
    guids: tuple[str, ...] = ()
    status_values: tuple[str, ...] = ()
    status_reasons: tuple[str, ...] = ()
    raw_states: tuple[str, ...] = ()
    """Words of `states=`: the server's internal column, any value."""
    strategies: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    label: str | None = None
    created: tuple[TimeFilter, ...] = ()
    updated: tuple[TimeFilter, ...] = ()
    sort: Sort = Sort()
    per_page: int = 10
    page: int = 1
    tz: str | None = None
    """The IANA zone that days mean; set by whoever asks, so that a button weeks later means the same days."""


@dataclass(frozen=True, slots=True)
class SubscribeAsk:
    """What a channel wants to be told by itself: a digest where there is a schedule, else an alert.

    `query` holds filters only: no order, page, time or zone. Nothing at all (`SubscribeAsk()`) asks for the form.
    """

    query: Query = Query()
    schedule: str = ""
    """The canonical text of `domain.schedule`: `every=15m`, `at="mon-fri 09:00"`, `cron="0 9 * * mon-fri"`."""
    on: tuple[Kind, ...] = ()
    """What an alert tells, in the order of Kind; empty where nobody said: the quiet default."""
    tz: str | None = None
    """The IANA zone that schedule and quiet hours mean; None is the asker's."""
    quiet: str = ""
    """`22:00-07:00`"""
    mention: str = ""
    """Who is pinged about failures: `@oncall` (a handle, to be looked up), `group:S1`, `user:U1`, `me`, `here`."""
    proof: bool = False
    """Whether a digest in which nothing happened is posted as well."""


class Verb(StrEnum):
    LIST = "list"
    SHOW = "show"
    SUBSCRIBE = "subscribe"
    SUBSCRIPTIONS = "subscriptions"
    WATCH = "watch"
    CONTINUE = "continue"
    CANCEL = "cancel"
    LINK = "link"
    UNLINK = "unlink"
    WHOAMI = "whoami"
    ACCESS = "access"
    AUDIT = "audit"
    HELP = "help"


@dataclass(frozen=True, slots=True)
class Command:
    """What a person wants: a verb, its subject, filters, and for whom.

    The subject is the guid or app of `show`, `watch`, `continue` and `cancel`, `help`'s topic, and `audit`'s kind of
    event; it is None where there is none.

    `subscribe` holds what `Verb.SUBSCRIBE` asks for, its filters included, and is None for any other verb.
    """

    verb: Verb = Verb.LIST
    subject: str | None = None
    query: Query = Query()
    public: bool = False
    subscribe: SubscribeAsk | None = None
