"""The forgotten canary guard: what is due for a canary that waits for a person who does not come."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from msgspec.structs import replace

from deploybot.domain.access import Target, target_of_entry
from deploybot.domain.ledger import Entry
from deploybot.domain.pattern import Pattern, one_fits

NOTICE = timedelta(minutes=10)
"""So long before a cancel it is announced, at least."""

NEEDED = "my own account needs the role Space Supporter there, and the scope cloud_controller.write"


class Stage(StrEnum):
    """What the guard does about one step of one canary, each at most once, in this order."""

    REMIND = "remind"
    """Whoever started it is reminded."""
    TELL = "tell"
    """The channel is told."""
    UNABLE = "unable"
    """The channel is told that it should be canceled, but that the bot may not do that there."""
    ANNOUNCE = "announce"
    """The channel is told when it will be canceled."""
    CANCEL = "cancel"
    """It is canceled; as a message: what came of it."""


@dataclass(frozen=True, slots=True)
class GuardRule:
    """`name` is how messages and the record call it. Times count from when the canary began to wait; None: never."""

    name: str
    on: tuple[Pattern, ...]
    channel: str
    remind_after: timedelta | None = None
    tell_after: timedelta | None = None
    cancel_after: timedelta | None = None


def rule_for(rules: Sequence[GuardRule], entry: Entry) -> GuardRule | None:
    """The first rule that is about this deployment's app."""
    return rule_about(rules, target_of_entry(entry))


def rule_about(rules: Sequence[GuardRule], target: Target) -> GuardRule | None:
    """The first rule that is about an app; what is not known about it fits `*` only."""
    return next((rule for rule in rules if any(_fits(pattern, target) for pattern in rule.on)), None)


def names_apps(rules: Sequence[GuardRule]) -> bool:
    """Whether any of the rules is about some apps of a space only."""
    return any(pattern.apps for rule in rules for pattern in rule.on)


def _fits(pattern: Pattern, target: Target) -> bool:
    named = (
        (pattern.foundations, target.foundation, ""),
        (pattern.orgs, target.org, target.org_guid),
        (pattern.spaces, target.space, target.space_guid),
        (pattern.apps, target.app, target.app_guid),
    )
    return all(one_fits(words, name, guid, unknown=False) for words, name, guid in named)


def waits_since(entry: Entry) -> datetime | None:
    """Since when it waits for a person; None where it does not, or nobody knows since when."""
    is_paused = (entry.value, entry.reason) == ("ACTIVE", "PAUSED")
    return entry.status_changed_at if is_paused and entry.is_active else None


def key_of(entry: Entry, stage: Stage) -> str:
    """The key of what is said at a stage of this step: unique for ever, so that it is never said twice."""
    return f"{confirmation_of(entry)}:{stage}"


def keys_of(entry: Entry) -> tuple[str, ...]:
    """The keys of all that may ever have been said about this canary up to where it is."""
    steps = (None, *range(max(entry.step or 0, entry.steps or 0) + 1))
    return tuple(key_of(replace(entry, step=step), stage) for step in steps for stage in Stage)


def confirmation_of(entry: Entry) -> str:
    """By which a canary is canceled at this step, once."""
    return f"guard:{entry.foundation}/{entry.guid}/{'-' if entry.step is None else entry.step}"


def due(
    rule: GuardRule,
    entry: Entry,
    now: datetime,
    said: Mapping[Stage, datetime | None],
    notice: timedelta = NOTICE,
) -> Stage | None:
    """What is to be done now, if anything; where several stages are due only the last of them.

    `said` holds what was put on its way already, with when it was sent, None while it is not. A cancel is due only once
    its announcement has been in the channel for `notice`, and nothing was said of a cancel yet.
    """
    since = waits_since(entry)
    if since is None or Stage.CANCEL in said:
        return None
    announced = said.get(Stage.ANNOUNCE)
    if rule.cancel_after is not None and announced is not None:
        return Stage.CANCEL if now >= max(since + rule.cancel_after, announced + notice) else None
    passed = [stage for stage, after in _times(rule, notice) if now >= since + after]
    last = passed[-1] if passed else None
    return last if last is not None and not any(stage in said for stage in _from(last)) else None


def cancel_at(rule: GuardRule, entry: Entry, now: datetime, notice: timedelta = NOTICE) -> datetime | None:
    """The earliest time of a cancel that is announced now; None where it never is."""
    since = waits_since(entry)
    if since is None or rule.cancel_after is None:
        return None
    return max(since + rule.cancel_after, now + notice)


def _times(rule: GuardRule, notice: timedelta) -> list[tuple[Stage, timedelta]]:
    """When each stage before the cancel is due, in their order; times that are out of order count as the one before."""
    times = [
        (Stage.REMIND, rule.remind_after),
        (Stage.TELL, rule.tell_after),
        (Stage.ANNOUNCE, rule.cancel_after and max(rule.cancel_after - notice, rule.tell_after or timedelta(0))),
    ]
    return [(stage, after) for stage, after in times if after is not None]


def _from(stage: Stage) -> Sequence[Stage]:
    """This stage and all after it."""
    stages = list(Stage)
    return stages[stages.index(stage) :]
