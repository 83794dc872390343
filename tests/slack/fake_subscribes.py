"""Subscriptions in memory, for the Slack side: they do what is asked and keep what that was."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from msgspec import structs

from deploybot.domain.grammar import query_text
from deploybot.domain.ledger import Entry
from deploybot.domain.outgoing import DigestBody
from deploybot.domain.query import SubscribeAsk
from deploybot.domain.subscription import Subscription, SubscriptionKind
from deploybot.errors import UserError
from deploybot.service.subscriptions import NOBODY, Mention, Preview, Snooze
from tests.slack.factories import NOW
from tests.slack.told import change, digest, entry


def subscription(number: int = 1, **more: Any) -> Subscription:
    """A digest of the org shop, every working day."""
    given: dict[str, Any] = {
        "id": f"s{number}",
        "channel": "C1",
        "made_by": "U1",
        "made_at": NOW - timedelta(days=3),
        "kind": SubscriptionKind.DIGEST,
        "filters": "org=shop",
        "schedule": 'at="mon-fri 09:00"',
        "tz": "Europe/Berlin",
        "next_due": NOW + timedelta(hours=22),
        "last_posted_at": NOW - timedelta(hours=2),
    }
    return Subscription(**{**given, **more})


@dataclass
class FakeSubscribes:
    """`asked` is every call as (name, arguments); `error` is raised by the calls that it names."""

    kept: dict[str, Subscription] = field(default_factory=dict)
    asked: list[tuple[str, tuple[Any, ...]]] = field(default_factory=list)
    error: dict[str, Exception] = field(default_factory=dict)
    count: int = 12
    nothing_new: bool = False
    refused: tuple[str, ...] = ()
    entries: tuple[Entry, ...] = ()

    def _note(self, name: str, *arguments: Any) -> None:
        self.asked.append((name, arguments))
        if name in self.error:
            raise self.error[name]

    def _made(self, ask: SubscribeAsk, channel: str, by: str, now: datetime, mention: Mention) -> Subscription:
        return Subscription(
            id=f"s{len(self.kept) + 1}",
            channel=channel,
            made_by=by,
            made_at=now,
            kind=SubscriptionKind.DIGEST if ask.schedule else SubscriptionKind.ALERT,
            filters=query_text(ask.query),
            schedule=ask.schedule,
            on=ask.on,
            tz=ask.tz or "UTC",
            quiet=ask.quiet,
            mention=mention.text,
            mention_label=mention.label,
            proof=ask.proof,
            next_due=now + timedelta(hours=1) if ask.schedule else None,
        )

    async def preview(
        self, ask: SubscribeAsk, channel: str, asker: str, now: datetime, mention: Mention = NOBODY
    ) -> Preview:
        self._note("preview", ask, channel, asker, mention)
        last: dict[str, Any] = {"digest": digest()} if ask.schedule else {"alert": (change(), entry())}
        made = self._made(ask, channel, asker, now, mention)
        return Preview(made, now - timedelta(days=7), now, self.count, **(last if self.count else {}))

    async def create(
        self, ask: SubscribeAsk, channel: str, by: str, now: datetime, mention: Mention = NOBODY
    ) -> Subscription:
        self._note("create", ask, channel, by, mention)
        made = self._made(ask, channel, by, now, mention)
        self.kept[made.id] = made
        return made

    async def of_channel(self, channel: str, user: str) -> tuple[Subscription, ...]:
        return tuple(one for one in self.kept.values() if one.channel == channel)

    async def one(self, subscription_id: str, channel: str) -> Subscription:
        self._note("one", subscription_id, channel)
        found = self.kept.get(subscription_id)
        if not found or found.channel != channel:
            raise UserError("This channel has that subscription no more.")
        return found

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
    ) -> Subscription:
        self._note("edit", subscription_id, channel, revision, ask, mention, by)
        made = structs.replace(self._made(ask, channel, "U1", now, mention), id=subscription_id, revision=revision + 1)
        self.kept[subscription_id] = made
        return made

    async def _changed(self, subscription_id: str, channel: str, **more: Any) -> Subscription:
        self.kept[subscription_id] = structs.replace(await self.one(subscription_id, channel), **more)
        return self.kept[subscription_id]

    async def pause(self, subscription_id: str, channel: str, by: str, now: datetime) -> Subscription:
        self._note("pause", subscription_id, channel, by)
        return await self._changed(subscription_id, channel, paused="since 2026-11-23 10:00 UTC", paused_by=by)

    async def resume(self, subscription_id: str, channel: str, by: str, now: datetime) -> Subscription:
        self._note("resume", subscription_id, channel)
        return await self._changed(subscription_id, channel, paused="", paused_by="", snoozed_until=None)

    async def snooze(self, subscription_id: str, channel: str, by: str, length: Snooze, now: datetime) -> Subscription:
        self._note("snooze", subscription_id, channel, length)
        return await self._changed(subscription_id, channel, snoozed_until=now + timedelta(hours=1))

    async def remove(self, subscription_id: str, channel: str, by: str) -> Subscription:
        self._note("remove", subscription_id, channel, by)
        removed = await self.one(subscription_id, channel)
        del self.kept[subscription_id]
        return removed

    async def send_now(self, subscription_id: str, channel: str, now: datetime) -> DigestBody | None:
        self._note("send_now", subscription_id, channel)
        return None if self.nothing_new else digest()

    async def check_change(self, by: str, channel: str) -> None:
        """Refuses whom `refused` names, and notes nothing: it changes nothing."""
        if by in self.refused:
            raise UserError("You may not change subscriptions here.")

    async def check_look(self, by: str, channel: str) -> None:
        if by in self.refused:
            raise UserError("You may read nothing here.")

    async def find(self, subscription_id: str) -> Subscription | None:
        return self.kept.get(subscription_id)

    async def listed(
        self, message: int, skip: int, most: int, user: str, channel: str
    ) -> tuple[int, tuple[Entry, ...]]:
        self._note("listed", message, skip, most, user, channel)
        return len(self.entries), self.entries[skip : skip + most]
