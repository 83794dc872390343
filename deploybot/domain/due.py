"""What becomes of a digest that is due: which window it covers, or until when it is put off, and when the next is."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from msgspec.structs import replace

from deploybot.domain.digest import Digest, Window
from deploybot.domain.outgoing import Draft
from deploybot.domain.quiet import quiet_until
from deploybot.domain.schedule import last_slot, next_due
from deploybot.domain.schedule_text import parse_schedule
from deploybot.domain.storage import Settled
from deploybot.domain.subscription import Subscription
from deploybot.domain.times import to_zone

LATE_AFTER = timedelta(minutes=10)
"""How long after its slot a digest is marked late. Waiting for a foundation that is down takes less."""
LONGEST_WINDOW = timedelta(days=31)
"""What a digest looks back to at most, after a long pause."""


@dataclass(frozen=True, slots=True)
class Due:
    """A digest that is to be made now, of the slot that it is for."""

    slot: datetime
    window: Window


def due(subscription: Subscription, now: datetime) -> Due | datetime:
    """What is to be made at `now`, up to when all is known that was noticed; or the instant that it is put off to.

    Of several slots that were missed only the last one is made up for: its window goes back to where the last
    digest's ended, so that nothing falls between two. One that is late also tells what was noticed since its slot.
    Where somebody had a digest sent since the slot nothing is left to tell.
    UserError where the stored schedule can't be read.
    """
    if held := _held(subscription, now):
        return held
    schedule, zone = parse_schedule(subscription.schedule), to_zone(subscription.tz)
    wanted = subscription.next_due or now
    slot = max(wanted, last_slot(schedule, zone, now) or wanted)
    late = now - wanted > LATE_AFTER
    until = now if late else slot
    since = max(subscription.covered_until or subscription.made_at, until - LONGEST_WINDOW)
    return Due(slot, Window(since, max(since, until), late))


def put_off(subscription: Subscription, to: datetime) -> Settled:
    """Nothing now: what would have been told is told then."""
    return Settled(replace(subscription, next_due=to))


def settled(subscription: Subscription, made: Due, digest: Digest | None, *, whole: bool) -> Settled:
    """The state after a digest, and its message if there is one. `whole` says that all of its window was seen.

    A window without a message counts as told. Where it was not seen whole the next message looks back into it, a day
    at most, so that it can say so.
    """
    schedule, zone = parse_schedule(subscription.schedule), to_zone(subscription.tz)
    window = made.window
    covered = window.until if digest or whole else max(window.since, window.until - timedelta(days=1))
    after = replace(
        subscription, next_due=next_due(schedule, zone, max(made.slot, window.until)), covered_until=covered
    )
    return Settled(after, draft_of(subscription, f"{made.slot:%Y-%m-%dT%H:%M:%SZ}", digest) if digest else None)


def draft_of(subscription: Subscription, occasion: str, digest: Digest) -> Draft:
    """The message. The same occasion, a slot or where a window began, never makes two."""
    return Draft(
        key=f"digest:{subscription.id}:{occasion}",
        channel=subscription.channel,
        body=digest.body,
        listed=digest.listed,
        subscriptions=(subscription.id,),
    )


def first_window(schedule_text: str, tz: str, now: datetime) -> tuple[datetime, datetime]:
    """Where the first window of a subscription made at `now` begins, and when its first digest is due.

    It begins at the slot before, as if the subscription had been there: the first digest covers a whole period.
    """
    schedule, zone = parse_schedule(schedule_text), to_zone(tz)
    begins = last_slot(schedule, zone, now) or now
    return max(begins, now - LONGEST_WINDOW), next_due(schedule, zone, now)


def _held(subscription: Subscription, now: datetime) -> datetime | None:
    """A snooze puts off to the first slot after it, quiet hours to their end."""
    snoozed = subscription.snoozed_until
    if snoozed and snoozed > now:
        schedule, zone = parse_schedule(subscription.schedule), to_zone(subscription.tz)
        return next_due(schedule, zone, snoozed - timedelta(microseconds=1))
    return quiet_until(subscription.quiet, subscription.tz, now)
