"""One message on its way: settle what is unclear, check that it is still ours, post it, and note what came of it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import assert_never

import structlog
from msgspec import structs

from deploybot.domain.held import INSTEAD, is_to_be_checked, may_be_posted
from deploybot.domain.notice import paused_notice
from deploybot.domain.outgoing import Claim, Draft
from deploybot.domain.ports import Checkpoint, Declined, Delivery, Notifier, Posted, Unclear
from deploybot.domain.storage import Outbox
from deploybot.domain.subscription import Subscription
from deploybot.service.budget import Budget
from deploybot.service.doubles import Doubles, instant
from deploybot.service.latest import Latest
from deploybot.service.moment import Moment
from deploybot.service.reading import Sights

log = structlog.get_logger(__name__)

_WAIT = timedelta(seconds=30)
"""Until it is asked again who reads a channel."""


@dataclass(frozen=True, slots=True)
class DeliveryRules:
    """`timeout` is the client's for one post, in which it certainly ends; after it and `settle_after` an unclear
    message is looked for. A claim lasts `hold`, which must be longer than the time-out.

    A look that Slack does not answer is repeated every `look_again`; after `look_for` the message is sent again as one
    that may be there. What Slack declines waits longer each time, up to `longest_wait`; a repeat that stays unclear, up
    to `longest_unclear`.
    """

    timeout: timedelta = timedelta(seconds=10)
    settle_after: timedelta = timedelta(seconds=60)
    hold: timedelta = timedelta(seconds=60)
    pace: timedelta = timedelta(seconds=1)
    look_again: timedelta = timedelta(seconds=60)
    look_for: timedelta = timedelta(minutes=30)
    longest_wait: timedelta = timedelta(minutes=2)
    longest_unclear: timedelta = timedelta(hours=1)
    skew: timedelta = timedelta(minutes=5)
    """How far Slack's clock and ours may be apart."""

    @property
    def unclear_for(self) -> timedelta:
        """How long after its send an unclear message is left alone."""
        return self.timeout + self.settle_after


@dataclass(frozen=True, slots=True)
class Held:
    """A claim, and when it was asked for by the monotonic clock, in seconds."""

    claim: Claim
    since: float


class Delivering:
    """What becomes of a claimed message. `looks` bounds how often Slack's history is read."""

    def __init__(
        self,
        outbox: Outbox,
        notifier: Notifier,
        rules: DeliveryRules,
        doubles: Doubles,
        looks: Budget,
        checkpoint: Checkpoint,
        monotonic: Callable[[], float],
        sights: Sights,
    ) -> None:
        self._outbox, self._notifier, self._rules, self._sights = outbox, notifier, rules, sights
        self._doubles, self._looks = doubles, looks
        self._checkpoint, self._monotonic = checkpoint, monotonic
        self._in_vain: Latest[int, int] = Latest()

    async def deliver(self, held: Held, moment: Moment) -> None:
        """Post a message, or find out first whether an earlier post of it got through."""
        if held.claim.attempts:
            await self._settle(held.claim, moment)
        else:
            await self._send(held, moment)

    async def _settle(self, claim: Claim, moment: Moment) -> None:
        """Look for the key of a message that may be there, and note it as sent or as to be sent again."""
        if not self._looks.take():
            wait = timedelta(seconds=self._looks.wait() + 1)
            await self._outbox.unclear(claim, "waits to be looked for", moment.now() + wait)
            return
        since = (claim.attempted_at or moment.now()) - self._rules.skew
        found = await self._notifier.find(claim.draft.channel, claim.draft.key, since, claim.thread_ts)
        self._checkpoint("settle.looked")
        log.info("look ended", key=claim.draft.key, found=str(found))
        match found:
            case None:
                await self._outbox.later(claim, "nobody can look whether it is there", moment.now(), repeat=True)
            case Unclear(reason):
                await self._look_again(claim, reason, moment.now())
            case ():
                await self._outbox.later(claim, "it was not there", moment.now())
            case (ts, *doubles):
                self._in_vain.pop(claim.message, None)
                await self._outbox.sent(_as_found(claim), ts, moment.now(), moment.now())
                await self._doubles.remove(claim, ts, doubles)

    async def _look_again(self, claim: Claim, reason: str, now: datetime) -> None:
        """Slack did not say: ask again, but not for ever. A marked repeat is better than a loss."""
        if claim.attempted_at and now - claim.attempted_at > self._rules.look_for:
            await self._outbox.later(claim, reason, now, repeat=True)
        else:
            await self._outbox.unclear(claim, reason, now + self._rules.look_again)

    async def _send(self, held: Held, moment: Moment) -> None:
        if is_to_be_checked(held.claim, moment.now()):
            claim = await self._still_for_all(held.claim, moment)
            if claim is None:
                return
            held = replace(held, claim=claim)
        await self._send_now(held, moment)

    async def _still_for_all(self, claim: Claim, moment: Moment) -> Claim | None:
        """The message, or another in its place where not all in the channel may read it by now.

        None where nobody can tell: then it goes on waiting. Nothing is dropped, so that what follows in its thread, and
        whoever waits until it was sent, finds it.
        """
        sight = await self._sights(claim.draft.channel)
        if sight is None:
            await self._outbox.later(
                claim, "nobody can tell who reads the channel", moment.now() + _WAIT, repeat=claim.repeat
            )
            return None
        if may_be_posted(claim, sight):
            return claim
        log.warning("held message is not for all any more", key=claim.draft.key, channel=claim.draft.channel)
        await self._outbox.redrawn(claim.draft.key, INSTEAD)
        return replace(claim, draft=structs.replace(claim.draft, body=INSTEAD, listed=()))

    async def _send_now(self, held: Held, moment: Moment) -> None:
        claim = held.claim
        if not await self._outbox.sending(claim, moment.now()):
            return
        self._checkpoint("send.begun")
        if not self._is_fresh(held):
            log.warning("claim ran out before the send", key=claim.draft.key)
            await self._outbox.later(claim, "its claim ran out before it was sent", moment.now())
            return
        self._checkpoint("send.checked")
        delivery = await self._notifier.post(claim)
        self._checkpoint("send.posted")
        await self._record(claim, delivery, moment.now())
        self._checkpoint("send.recorded")

    def _is_fresh(self, held: Held) -> bool:
        """Will the claim last until the post has certainly ended? A frozen process finds here that it will not."""
        passed = timedelta(seconds=self._monotonic() - held.since)
        return passed + self._rules.timeout < self._rules.hold

    async def _record(self, claim: Claim, delivery: Delivery, now: datetime) -> None:
        log.info("post ended", key=claim.draft.key, channel=claim.draft.channel, outcome=str(delivery))
        rules = self._rules
        match delivery:
            case Posted(ts):
                self._in_vain.pop(claim.message, None)
                await self._sent(claim, ts, now)
            case Unclear(reason):
                wait = (
                    self._grown(claim, rules.unclear_for, rules.longest_unclear) if claim.repeat else rules.unclear_for
                )
                await self._outbox.unclear(claim, reason, now + wait)
            case Declined(reason, shut=True):
                await self._outbox.blocked(claim, reason, now, _noticing(now, reason))
            case Declined(reason, seconds):
                pause = max(timedelta(seconds=seconds), self._grown(claim, rules.pace, rules.longest_wait))
                await self._outbox.later(claim, reason, now + pause, repeat=claim.repeat)
            case _:
                assert_never(delivery)

    async def _sent(self, claim: Claim, ts: str, now: datetime) -> None:
        """Note it; where another send was noted first there are two, and the later one goes."""
        other = await self._outbox.sent(claim, ts, now, now + self._rules.pace)
        if other:
            first, second = sorted((ts, other), key=instant)
            await self._doubles.remove(claim, first, (second,), noted=other)

    def _grown(self, claim: Claim, wait: timedelta, longest: timedelta) -> timedelta:
        """The wait, doubled with each failure of this message in a row, up to the longest."""
        failures = self._in_vain.get(claim.message, 0)
        self._in_vain[claim.message] = failures + 1
        return min(wait * (1 << min(failures, 16)), max(wait, longest))


def _as_found(claim: Claim) -> Claim:
    """A message that an earlier send posted shows what was known then."""
    return replace(claim, entry=None)


def _noticing(now: datetime, reason: str) -> Callable[[Subscription], Draft]:
    return lambda subscription: paused_notice(subscription, reason, now)
