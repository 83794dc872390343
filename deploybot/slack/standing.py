"""What the Slack side needs of what the bot does by itself: subscriptions of channels, and what a message lists."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from deploybot.domain.ledger import Entry
from deploybot.domain.outgoing import DigestBody
from deploybot.domain.query import SubscribeAsk
from deploybot.domain.subscription import Subscription
from deploybot.service.subscriptions import NOBODY, Mention, Preview, Snooze
from deploybot.slack.blocks.look import Look


class Subscribes(Protocol):
    """The use cases of `service.subscriptions.Subscribing`. UserErrors are shown as they are."""

    async def preview(
        self, ask: SubscribeAsk, channel: str, asker: str, now: datetime, mention: Mention = NOBODY
    ) -> Preview: ...

    async def create(
        self, ask: SubscribeAsk, channel: str, by: str, now: datetime, mention: Mention = NOBODY
    ) -> Subscription: ...

    async def of_channel(self, channel: str, user: str) -> tuple[Subscription, ...]: ...

    async def one(self, subscription_id: str, channel: str) -> Subscription: ...

    async def edit(
        self,
        subscription_id: str,
        channel: str,
        revision: int,
        ask: SubscribeAsk,
        now: datetime,
        mention: Mention = NOBODY,
        *,
        by: str,
    ) -> Subscription: ...

    async def check_change(self, by: str, channel: str) -> None: ...

    async def check_look(self, by: str, channel: str) -> None: ...

    async def pause(self, subscription_id: str, channel: str, by: str, now: datetime) -> Subscription: ...

    async def resume(self, subscription_id: str, channel: str, by: str, now: datetime) -> Subscription: ...

    async def snooze(
        self, subscription_id: str, channel: str, by: str, length: Snooze, now: datetime
    ) -> Subscription: ...

    async def remove(self, subscription_id: str, channel: str, by: str) -> Subscription: ...

    async def send_now(self, subscription_id: str, channel: str, now: datetime) -> DigestBody | None: ...


@dataclass(frozen=True, slots=True)
class Standing:
    """`find` is the store's subscription by its id alone, `listed` is `service.listed.Listed.page`: (message, skip,
    most, user, channel).
    """

    subscribes: Subscribes
    find: Callable[[str], Awaitable[Subscription | None]]
    listed: Callable[[int, int, int, str, str], Awaitable[tuple[int, tuple[Entry, ...]]]]
    look: Look = field(default_factory=Look)
