"""What people do with a channel's subscriptions: look ahead, make, list, edit, pause, snooze, remove, send now."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from deploybot.domain.ledger import Entry, Transition
from deploybot.domain.outgoing import DigestBody
from deploybot.domain.ports import Foundation
from deploybot.domain.query import SubscribeAsk
from deploybot.domain.storage import Ledger, Outbox, Subscriptions
from deploybot.domain.subscription import Subscription

MOST_IN_A_CHANNEL = 50


@dataclass(frozen=True, slots=True)
class Mention:
    """Who is pinged, as Slack writes it (`<!subteam^S1>`) and as people read it (`@oncall`); nobody when empty."""

    text: str = ""
    label: str = ""


NOBODY = Mention()


class Snooze(StrEnum):
    """How long a subscription keeps quiet."""

    HOUR = "1h"
    TOMORROW = "tomorrow"
    """Until 08:00 in its zone."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What a subscription would have told from `since` to `until`: how many messages, and the last one.

    `since` is later than a week ago where the ledger reaches no further. `digest` is the last digest; for an alert
    `alert` is the last change that would have been told. Both are None where `count` is 0. `notes` are sentences
    about the question, such as an app that nobody knows.
    """

    subscription: Subscription
    """What `create` would make."""
    since: datetime
    until: datetime
    count: int = 0
    digest: DigestBody | None = None
    alert: tuple[Transition, Entry] | None = None
    notes: tuple[str, ...] = ()


class Subscribing:
    """The use cases. Every subscription must be of the channel that it is asked for in; a UserError says what not.

    `clock` is the monotonic one, in seconds; `new_id` makes the ids of subscriptions.
    """

    def __init__(
        self,
        subscriptions: Subscriptions,
        ledger: Ledger,
        outbox: Outbox,
        foundations: Sequence[Foundation],
        new_id: Callable[[], str],
        clock: Callable[[], float],
    ) -> None:
        self._subscriptions = subscriptions
        self._ledger = ledger
        self._outbox = outbox
        self._foundations = tuple(foundations)
        self._new_id = new_id
        self._clock = clock

    async def preview(
        self, ask: SubscribeAsk, channel: str, asker: str, now: datetime, mention: Mention = NOBODY
    ) -> Preview:
        """What this would have told in the last seven days. `ask.tz` None means UTC here: settle it before."""
        raise NotImplementedError

    async def create(
        self, ask: SubscribeAsk, channel: str, by: str, now: datetime, mention: Mention = NOBODY
    ) -> Subscription:
        """Make a subscription of the channel."""
        raise NotImplementedError

    async def of_channel(self, channel: str) -> tuple[Subscription, ...]:
        """All of the channel, oldest first."""
        raise NotImplementedError

    async def one(self, subscription_id: str, channel: str) -> Subscription:
        """The subscription as it is now; a UserError where the channel has it no more."""
        raise NotImplementedError

    async def edit(
        self,
        subscription_id: str,
        channel: str,
        revision: int,
        ask: SubscribeAsk,
        now: datetime,
        mention: Mention = NOBODY,
    ) -> Subscription:
        """Make it what is asked. `revision` is that of the form; a UserError where somebody changed it since."""
        raise NotImplementedError

    async def pause(self, subscription_id: str, channel: str, by: str, now: datetime) -> Subscription:
        """Post nothing until somebody resumes it."""
        raise NotImplementedError

    async def resume(self, subscription_id: str, channel: str, now: datetime) -> Subscription:
        """Post again, after a pause or a snooze. Where an error had shut the channel it is tried again."""
        raise NotImplementedError

    async def snooze(self, subscription_id: str, channel: str, length: Snooze, now: datetime) -> Subscription:
        """Post nothing for a while; what happens then is told afterwards."""
        raise NotImplementedError

    async def remove(self, subscription_id: str, channel: str) -> Subscription:
        """End it; what it was."""
        raise NotImplementedError

    async def send_now(self, subscription_id: str, channel: str, now: datetime) -> DigestBody | None:
        """Send a digest of the time since the last one; None where nothing happened. A UserError for an alert."""
        raise NotImplementedError


def ask_of(subscription: Subscription) -> SubscribeAsk:
    """What would make this subscription, for a form that edits it. `mention` is as `mention_of` reads it."""
    raise NotImplementedError


def mention_of(word: str, asker: str) -> Mention | None:
    """Who a `mention=` means, where that can be told without asking Slack; None for a handle to be looked up."""
    raise NotImplementedError
