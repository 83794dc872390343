"""Whether the bot is alive and ready, decided from what its turns have measured; instants are monotonic seconds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf


@dataclass(frozen=True, slots=True)
class Seen:
    """When something last answered as it should (None: never yet), and what has been wrong since then, in words."""

    at: float | None = None
    trouble: str = ""


def longest_silent(*ways: Seen) -> Seen:
    """Of several ways to the same, the one that was silent for longest: all of them are needed."""
    return min(ways, key=lambda way: -inf if way.at is None else way.at)


@dataclass(frozen=True, slots=True)
class HealthRules:
    """How long in seconds each may be silent: the scheduler, one turn that goes on, the database, Slack.

    `every` is how often the database is looked at, `ask_every` how often Slack's Web API is.
    """

    turns: float = 30.0
    stuck: float = 900.0
    database: float = 60.0
    slack: float = 90.0
    every: float = 15.0
    ask_every: float = 30.0


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known: since when the bot runs, when a turn was begun last, since when each turn that goes on does."""

    since: float
    begun: float | None = None
    running: Mapping[str, float] = field(default_factory=dict)
    database: Seen = Seen()
    slack: Seen = Seen()


@dataclass(frozen=True, slots=True)
class Part:
    """One of what readiness consists of; `reason` is empty where it is ready."""

    part: str
    reason: str = ""

    @property
    def ready(self) -> bool:
        return not self.reason


PARTS = ("configuration", "database", "slack")


def why_not_alive(facts: Facts, now: float, rules: HealthRules) -> str:
    """What a restart would help against, in words; empty where the bot is alive. Slack and the database are not it."""
    silent = now - (facts.since if facts.begun is None else facts.begun)
    if silent > rules.turns:
        return f"the scheduler has begun nothing for {silent:.0f} s"
    stuck = [f"the turn {turn} goes on for {now - at:.0f} s" for turn, at in facts.running.items()]
    longest = min(facts.running.values(), default=now)
    return "; ".join(sorted(stuck)) if now - longest > rules.stuck else ""


def parts_of(facts: Facts, now: float, rules: HealthRules) -> tuple[Part, ...]:
    """The parts in the order of PARTS. A bot whose configuration is wrong does not run, so that one is ready."""
    return (
        Part("configuration"),
        Part("database", _database(facts.database, now - facts.since, now, rules)),
        Part("slack", _slack(facts.slack, now, rules)),
    )


def _database(seen: Seen, age: float, now: float, rules: HealthRules) -> str:
    if seen.trouble:
        return f"the database can't be used: {seen.trouble}"
    if seen.at is None:
        return f"the database has not answered since the start {age:.0f} s ago"
    silent = now - seen.at
    return f"the database has not answered for {silent:.0f} s" if silent > rules.database else ""


def _slack(seen: Seen, now: float, rules: HealthRules) -> str:
    """One call that failed is no trouble yet: Slack is away when it stays silent."""
    if seen.at is not None and now - seen.at <= rules.slack:
        return ""
    heard = "nothing was heard of Slack yet" if seen.at is None else f"Slack has been silent for {now - seen.at:.0f} s"
    return f"{heard}: {seen.trouble}" if seen.trouble else heard
