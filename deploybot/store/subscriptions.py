"""Subscriptions in SQL, and the claims of digests that are due."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from msgspec.structs import replace
from sqlalchemy import bindparam, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from deploybot.domain.storage import Settled
from deploybot.domain.subscription import Subscription, SubscriptionKind
from deploybot.store.composing import forget_unwanted
from deploybot.store.drafts import hold_lanes, put
from deploybot.store.engine import Database
from deploybot.store.reopening import reopen
from deploybot.store.rows import SUBSCRIPTIONS, AnyRow, AnySelect, chunks, dialect_insert
from deploybot.store.tables import subscriptions, versions
from deploybot.store.unbroken import unbroken

_VERSION = "subscriptions"
_id = subscriptions.c.id


@unbroken
class Subscriptions:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(
        self, subscription: Subscription, check: Callable[[Sequence[Subscription]], None] | None = None
    ) -> None:
        """Store a new one. If its channel was shut it is tried again: what is held there is sent.

        `check` is given those that the channel has, and nobody adds another one meanwhile; what it raises undoes all.
        """
        async with self._database.writing() as connection:
            await reopen(connection, subscription.channel)
            # Its row keeps others that add one out until this transaction ends: what is checked stays true so long.
            await _raise_version(connection)
            if check:
                check(await _of_channel(connection, subscription.channel))
            await connection.execute(subscriptions.insert().values(_row(subscription)))

    async def replace(self, before: Subscription, after: Subscription) -> bool:
        """Store an edit (its `revision` is raised here). One that is not paused opens its channel as a new one does.

        False where `revision`, `next_due` or `covered_until` is not that of `before` any more: somebody edited, paused,
        settled or removed it meanwhile. `last_posted_at` is left alone: only `Outbox.sent` writes it.
        """
        async with self._database.writing() as connection:
            if not after.paused:
                await reopen(connection, after.channel)
            if before.id not in await _unchanged(connection, [before]):
                return False
            await _overwrite(connection, [replace(after, id=before.id, revision=before.revision + 1)])
            await _raise_version(connection)
            return True

    async def remove(self, subscription_id: str) -> bool:
        """Whether there was one. What waits to be told for nobody else any more goes with it."""
        async with self._database.writing() as connection:
            gone = delete(subscriptions).where(_id == subscription_id).returning(subscriptions.c.channel)
            channel = (await connection.execute(gone)).scalar()
            if channel is None:
                return False
            left = select(_id).where(subscriptions.c.channel == channel)
            await forget_unwanted(connection, channel, (await connection.scalars(left)).all())
            await _raise_version(connection)
        return True

    async def one(self, subscription_id: str) -> Subscription | None:
        async with self._database.reading() as connection:
            row = (await connection.execute(_WHOLE.where(_id == subscription_id))).one_or_none()
        return _value(row) if row else None

    async def of_channel(self, channel: str) -> tuple[Subscription, ...]:
        """Oldest first."""
        async with self._database.reading() as connection:
            return await _of_channel(connection, channel)

    async def alerts(self) -> tuple[int, tuple[Subscription, ...]]:
        """All alert subscriptions that are not paused, and the `version` that they are of."""
        alerts = _WHOLE.where(subscriptions.c.kind == SubscriptionKind.ALERT.value, ~subscriptions.c.paused)
        async with self._database.reading() as connection:
            # The version first: what changes between the two is read again next time.
            version = await _version(connection)
            return version, values(await connection.execute(alerts.order_by(subscriptions.c.made_at, _id)))

    async def version(self) -> int:
        """Grows with every change of any subscription, so that whoever keeps `alerts` knows when to read them again.

        Settled digests do not count: they are no alerts, and there are many of them.
        """
        async with self._database.reading() as connection:
            return await _version(connection)

    async def due(self, now: datetime, until: datetime, most: int) -> tuple[Subscription, ...]:
        """Claim digests whose `next_due` is not after `now`, longest due first; until `until` nobody else gets them.

        Paused ones are never due. Any number of replicas may do this at once.
        """
        async with self._database.writing() as connection:
            found = values(await connection.execute(due_ones(now, most)))
            if found:
                mine = _id.in_([each.id for each in found])
                await connection.execute(update(subscriptions).where(mine).values(claimed_until=until))
        return found

    async def settle(self, settled: Sequence[tuple[Subscription, Settled]], now: datetime) -> int:
        """Store what became of claimed digests, with their messages, in one transaction; how many.

        Each comes with what it was when it was read. Where its `revision`, `next_due` or `covered_until` is another by
        now nothing of it is stored, its message included. The claims end; `revision` and `last_posted_at` stay.
        """
        async with self._database.writing() as connection:
            await hold_lanes(connection, {became.draft.channel for _, became in settled if became.draft})
            unchanged = await _unchanged(connection, [before for before, _ in settled])
            stored = [(before, became) for before, became in settled if before.id in unchanged]
            await _overwrite(connection, [_settled(before, became.subscription) for before, became in stored])
            await put(connection, [became.draft for _, became in stored if became.draft], now)
        return len(stored)


async def pause(connection: AsyncConnection, channel: str, reason: str) -> tuple[Subscription, ...]:
    """Pause those of a channel that are not, since it can't be posted to; those paused."""
    running = _WHOLE.where(subscriptions.c.channel == channel, ~subscriptions.c.paused)
    found = values(await connection.execute(running.order_by(_id).with_for_update()))
    paused = [replace(each, paused=reason, paused_by="", revision=each.revision + 1) for each in found]
    await _overwrite(connection, paused)
    if paused:
        await _raise_version(connection)
    return tuple(sorted(paused, key=lambda each: (each.made_at, each.id)))


async def note_posted(connection: AsyncConnection, ids: Sequence[str], now: datetime) -> None:
    """These subscriptions posted just now."""
    for chunk in chunks(sorted(ids)):
        await connection.execute(update(subscriptions).where(_id.in_(chunk)).values(last_posted_at=now))


_WHOLE = select(subscriptions.c.body, subscriptions.c.last_posted_at)


async def _of_channel(connection: AsyncConnection, channel: str) -> tuple[Subscription, ...]:
    of_channel = _WHOLE.where(subscriptions.c.channel == channel)
    return values(await connection.execute(of_channel.order_by(subscriptions.c.made_at, _id)))


def values(rows: Iterable[AnyRow]) -> tuple[Subscription, ...]:
    return tuple(_value(row) for row in rows)


def _value(row: AnyRow) -> Subscription:
    subscription = SUBSCRIPTIONS.value(row.body)
    return replace(subscription, last_posted_at=row.last_posted_at)


def due_ones(now: datetime, most: int) -> AnySelect:
    """Digests that are due and nobody's, longest due first, locked."""
    free = or_(subscriptions.c.claimed_until.is_(None), subscriptions.c.claimed_until <= now)
    due = _WHOLE.where(subscriptions.c.next_due <= now, ~subscriptions.c.paused, free)
    return due.order_by(subscriptions.c.next_due, _id).limit(most).with_for_update(skip_locked=True)


async def _unchanged(connection: AsyncConnection, read: Sequence[Subscription]) -> set[str]:
    """Which of these are still as they were read; they stay so until the transaction ends.

    Rows are locked in the order of their ids, here as in `pause`, so that two transactions never wait for each other.
    """
    were = {each.id: _state(each) for each in read}
    unchanged: set[str] = set()
    for ids in chunks(sorted(were)):
        rows = await connection.execute(_WHOLE.where(_id.in_(ids)).order_by(_id).with_for_update())
        unchanged |= {each.id for each in values(rows) if _state(each) == were[each.id]}
    return unchanged


def _state(subscription: Subscription) -> tuple[int, datetime | None, datetime | None]:
    """What changes with every edit, and with every digest."""
    return subscription.revision, subscription.next_due, subscription.covered_until


def _settled(before: Subscription, after: Subscription) -> Subscription:
    return replace(after, id=before.id, revision=before.revision)


async def _overwrite(connection: AsyncConnection, changed: Sequence[Subscription]) -> None:
    """Store these in the place of what is there; claims of them end."""
    statement = (
        update(subscriptions)
        .where(bindparam("of") == _id)
        .values({name: bindparam(name) for name in _CHANGEABLE} | {"claimed_until": None})
    )
    rows = [{"of": each.id} | {name: _row(each)[name] for name in _CHANGEABLE} for each in changed]
    for chunk in chunks(rows):
        await connection.execute(statement, chunk)


_CHANGEABLE = ("channel", "kind", "made_at", "paused", "revision", "next_due", "body")
"""Not `last_posted_at`: only `note_posted` writes that."""


def _row(subscription: Subscription) -> dict[str, Any]:
    return {
        "id": subscription.id,
        "channel": subscription.channel,
        "kind": subscription.kind.value,
        "made_at": subscription.made_at,
        "paused": bool(subscription.paused),
        "revision": subscription.revision,
        "next_due": subscription.next_due,
        "last_posted_at": subscription.last_posted_at,
        "body": SUBSCRIPTIONS.text(subscription),
    }


async def _version(connection: AsyncConnection) -> int:
    found = await connection.execute(select(versions.c.value).where(versions.c.name == _VERSION))
    return found.scalar() or 0


async def _raise_version(connection: AsyncConnection) -> None:
    insert = dialect_insert(connection, versions).values(name=_VERSION, value=1)
    await connection.execute(
        insert.on_conflict_do_update(index_elements=[versions.c.name], set_={"value": versions.c.value + 1})
    )
