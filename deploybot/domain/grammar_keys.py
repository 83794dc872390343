"""The one table of the grammar: every verb and filter with its meaning and example; parsing and help read it."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from deploybot.domain.ledger import Kind as Event
from deploybot.domain.query import Op, Verb


class Kind(Enum):
    """What a filter takes: how its value is read, and how it is written."""

    NAMES = auto()
    WORDS = auto()
    RAW = auto()
    LABEL = auto()
    TIMES = auto()
    SORT = auto()
    ROWS = auto()
    PAGE = auto()
    ZONE = auto()
    SCHEDULE = auto()
    EVENTS = auto()
    HOURS = auto()
    MENTION = auto()
    YES = auto()


ADDING = frozenset({Kind.NAMES, Kind.WORDS, Kind.RAW, Kind.TIMES, Kind.LABEL, Kind.EVENTS})
"""Kinds that may be given several times; each adds to what was given before."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A word that a filter takes, in the form that a Query holds, what it means, and other words for the same."""

    word: str
    meaning: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Key:
    """A filter, or a setting of `subscribe`. `field` is its attribute of Query or of SubscribeAsk, `means` the operator
    that a shorthand stands for."""

    name: str
    field: str
    kind: Kind
    meaning: str
    example: str
    aliases: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    """The only words it takes; empty where anything goes."""
    ops: tuple[Op, ...] = (Op.EQ,)
    means: Op | None = None

    def forms(self) -> dict[str, str]:
        """Every word that it takes, in lower case, and the form that a Query holds."""
        return {word.lower(): choice.word for choice in self.choices for word in (choice.word, *choice.also)}

    def words(self) -> tuple[str, ...]:
        """Every word that it takes, as people may write it."""
        return (*(choice.word for choice in self.choices), *(word for choice in self.choices for word in choice.also))


STATES = (
    Choice("active", "has not ended; paused ones are active too", ("ACTIVE",)),
    Choice("done", "has ended, well or not", ("FINALIZED",)),
    Choice("failed", "stalled with an error, or ended without having been healthy"),
    Choice("stalled", "is still deploying, but no instance got healthy for a while"),
    Choice("paused", "a canary that waits for a person to continue or cancel it", ("PAUSED",)),
    Choice("succeeded", "every instance of the new version got healthy"),
    Choice("DEPLOYING", "Cloud Foundry is replacing instances"),
    Choice("CANCELING", "is going back to the old version"),
    Choice("DEPLOYED", "the same as succeeded"),
    Choice("CANCELED", "went back to the old version"),
    Choice("SUPERSEDED", "a newer deployment of the app took its place"),
)
STRATEGIES = (
    Choice("rolling", "replaces instances step by step, without a pause"),
    Choice("canary", "waits for a person after the first instances"),
)
ORDERS = (
    Choice("-created", "newest first"),
    Choice("created", "oldest first"),
    Choice("-updated", "last changed first"),
    Choice("updated", "last changed last"),
)

_TIMES = "a date (in your time zone), a timestamp, how long ago (30m, 2h, 7d, 1w), today or yesterday"
_ALL_OPS = tuple(Op)

KEYS = (
    Key("app", "apps", Kind.NAMES, "Apps by name or guid; * stands for anything.", "app=checkout,pay*"),
    Key("space", "spaces", Kind.NAMES, "Spaces by name or guid.", "space=production"),
    Key("org", "orgs", Kind.NAMES, "Orgs by name or guid.", "org=shop"),
    Key("foundation", "foundations", Kind.NAMES, "Foundations by name.", "foundation=eu", aliases=("on",)),
    Key(
        "state",
        "states",
        Kind.WORDS,
        "What became of it, in people's words or Cloud Foundry's.",
        "state=failed,stalled",
        choices=STATES,
    ),
    Key("guid", "guids", Kind.NAMES, "Deployments by guid.", "guid=7d1c6b04-55b5-4a3c-8a4b-0e5f9a0f2b11"),
    Key("status", "status_values", Kind.RAW, "Cloud Foundry's own status value, any word.", "status=FINALIZED"),
    Key("reason", "status_reasons", Kind.RAW, "Cloud Foundry's own status reason, any word, or null.", "reason=null"),
    Key("states", "raw_states", Kind.RAW, "Cloud Foundry's internal state, any word.", "states=PREPAUSED"),
    Key(
        "strategy",
        "strategies",
        Kind.WORDS,
        "How it replaces the old version.",
        "strategy=canary",
        choices=STRATEGIES,
    ),
    Key(
        "by",
        "by",
        Kind.NAMES,
        "Who started it: a Cloud Foundry user name or client id, me for yourself; * stands for anything.",
        "by=ann@example.com",
    ),
    Key(
        "label",
        "label",
        Kind.LABEL,
        "A label selector: key, !key, key=value, key!=value, key in (a,b), key notin (a,b), with commas between.",
        'label="env in (prod,staging),!legacy"',
    ),
    Key("created", "created", Kind.TIMES, f"When it began: {_TIMES}.", "created>=2026-11-23", ops=_ALL_OPS),
    Key("updated", "updated", Kind.TIMES, f"When it last changed: {_TIMES}.", "updated>2h", ops=_ALL_OPS),
    Key("since", "created", Kind.TIMES, "Short for created>=.", "since=2h", means=Op.GE),
    Key(
        "until", "created", Kind.TIMES, "Short for created<, so the day named is not in it.", "until=today", means=Op.LT
    ),
    Key(
        "sort",
        "sort",
        Kind.SORT,
        "The order: created or updated, with - for newest first; -created unless you say.",
        "sort=-updated",
        choices=ORDERS,
    ),
    Key("per_page", "per_page", Kind.ROWS, "Rows on a page; 10 unless you say.", "per_page=20"),
    Key("page", "page", Kind.PAGE, "Which page to begin with.", "page=3"),
    Key(
        "tz",
        "tz",
        Kind.ZONE,
        "The time zone that dates, schedules and quiet hours mean, if not yours.",
        "tz=Europe/Berlin",
    ),
)

EVENTS = (
    Choice("failed", "a rollout is stuck with an error, or ended badly"),
    Choice("stalled", "no instance got healthy for a while"),
    Choice("paused", "a canary waits for a person"),
    Choice("recovered", "a stalled or failed rollout goes on"),
    Choice("started", "a deployment began"),
    Choice("continued", "a paused canary goes on"),
    Choice("succeeded", "every instance of the new version got healthy"),
    Choice("canceled", "it went back to the old version"),
    Choice("superseded", "a newer deployment took its place"),
    Choice("ended", "it is over, in words of the server's that I do not know"),
    Choice("finished", "succeeded, failed, canceled or superseded, or just ended"),
    Choice("all", "everything above"),
)
GROUPS = {
    "finished": (Event.SUCCEEDED, Event.FAILED, Event.CANCELED, Event.SUPERSEDED, Event.ENDED),
    "all": tuple(Event),
}
"""Words of `on=` that stand for several events."""

SUBSCRIBE_KEYS = (
    Key(
        "every",
        "schedule",
        Kind.SCHEDULE,
        "A digest so often, from 5m to 7d, counted from Monday midnight in its time zone.",
        "every=1h",
    ),
    Key(
        "at",
        "schedule",
        Kind.SCHEDULE,
        "A digest at times of the day: every day, on weekdays, or on days of the month (1st to 28th).",
        'at="mon-fri 09:00,16:30"',
    ),
    Key(
        "cron",
        "schedule",
        Kind.SCHEDULE,
        "A digest by a cron expression: minute, hour, day, month, and weekday by name.",
        'cron="0 9 * * mon-fri"',
    ),
    Key(
        "on",
        "on",
        Kind.EVENTS,
        "An alert as it happens: of these events; failed, stalled and paused unless you say.",
        "on=failed,paused,finished",
        choices=EVENTS,
    ),
    Key("quiet", "quiet", Kind.HOURS, "Hours in which nothing is posted; it is told afterwards.", "quiet=22:00-07:00"),
    Key(
        "mention",
        "mention",
        Kind.MENTION,
        "Who is pinged about failures: a user group, a person, me, or here.",
        "mention=@oncall",
    ),
    Key("proof", "proof", Kind.YES, "Posts a digest also when nothing happened.", "proof=yes"),
)
"""What `subscribe` takes beside filters and `tz`; inside it `on` means events."""


@dataclass(frozen=True, slots=True)
class Action:
    """A verb: how it is written, what it does, and an example."""

    verb: Verb
    usage: str
    meaning: str
    example: str
    aliases: tuple[str, ...] = ()


ACTIONS = (
    Action(Verb.LIST, "[list] [filters]", "The deployments that match, newest first.", "app=checkout state=failed"),
    Action(
        Verb.SHOW,
        "show <guid or app> [filters]",
        "One deployment in full: that guid, or the app's latest; space=, org= and foundation= say which app.",
        "show checkout space=production",
    ),
    Action(
        Verb.SUBSCRIBE,
        "subscribe [filters] [every= | at= | cron= | on=]",
        "Tells this channel by itself: digests on a schedule, or alerts as it happens; alone it opens a form.",
        'subscribe space=production at="mon-fri 09:00"',
    ),
    Action(
        Verb.SUBSCRIPTIONS,
        "subscriptions",
        "What this channel is told, and buttons to edit, pause, snooze, remove or send now.",
        "subscriptions",
        ("subscription", "unsubscribe"),
    ),
    Action(
        Verb.WATCH,
        "watch <guid or app> [filters]",
        "Follows one deployment to its end in a message for the whole channel.",
        "watch checkout",
    ),
    Action(
        Verb.CONTINUE,
        "continue <guid or app> [filters]",
        "Has a paused canary go on, as yourself, after a look at what that means.",
        "continue checkout",
    ),
    Action(
        Verb.CANCEL,
        "cancel <guid or app> [filters]",
        "Puts the previous version back, as yourself, after a look at what that means.",
        "cancel checkout",
    ),
    Action(
        Verb.LINK,
        "link [foundation]",
        "Connects you with your own Cloud Foundry account, so that you can continue and cancel.",
        "link",
    ),
    Action(Verb.UNLINK, "unlink [foundation]", "Forgets your Cloud Foundry account.", "unlink"),
    Action(Verb.WHOAMI, "whoami", "Which Cloud Foundry accounts you are linked with.", "whoami"),
    Action(
        Verb.ACCESS,
        "access [app= space= org= foundation=]",
        "What you may do here, and which rule says so.",
        "access space=production",
    ),
    Action(
        Verb.AUDIT,
        "audit [kind] [filters]",
        "Who continued or canceled what, and who was refused; for those who may see it.",
        "audit cancel since=7d",
    ),
    Action(Verb.HELP, "help [topic]", "This help, or more about one filter.", "help created", ("?", "-h", "--help")),
)

PUBLIC = "public"
PUBLIC_MEANING = "Shows the answer to everybody in the channel, not to you alone."
PUBLIC_EXAMPLE = "app=checkout public"


def words_of(row: Key | Action) -> Iterator[str]:
    """Every word that means this row."""
    yield row.name if isinstance(row, Key) else row.verb.value
    yield from row.aliases


_NOT_SUBSCRIBED = frozenset({"created", "updated", "sort", "per_page", "page"})
"""Fields of Query that a subscription has no use for."""

KEY_BY_WORD = {word: key for key in KEYS for word in words_of(key)}
SUBSCRIBE_KEY_BY_WORD = {key.name: key for key in SUBSCRIBE_KEYS}
FILTERS_OF_SUBSCRIBE = tuple(key for key in KEYS if key.field not in _NOT_SUBSCRIBED)
WORDS_OF_SUBSCRIBE = {word: key for key in FILTERS_OF_SUBSCRIBE for word in words_of(key)} | SUBSCRIBE_KEY_BY_WORD
"""Every filter and setting that `subscribe` takes."""
ANY_KEY_BY_WORD = KEY_BY_WORD | SUBSCRIBE_KEY_BY_WORD
ACTION_BY_WORD = {word: action for action in ACTIONS for word in words_of(action)}
