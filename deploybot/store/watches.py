"""Watches in SQL: each is stored with its message, and what was seen with what its thread is told."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime

from msgspec.structs import replace
from sqlalchemy import ColumnElement, Select, and_, bindparam, delete, func, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from deploybot.domain.outgoing import Draft, MessageState, WatchReplyBody
from deploybot.domain.storage import Lease
from deploybot.domain.watch import StaleWatch, Watch
from deploybot.domain.watching import mentions, message_key, over
from deploybot.errors import UserError
from deploybot.store.columns import Codec
from deploybot.store.drafts import put
from deploybot.store.engine import Database
from deploybot.store.leases import fence
from deploybot.store.rows import AnySelect, chunks, insert_new, update_each
from deploybot.store.tables import lanes, messages, watches
from deploybot.store.unbroken import unbroken

WATCHES = Codec(Watch)
MOST_WATCHERS = 40
_FULL = "{most} deployments are watched already, which is as many as I can: wait until some have ended."


@unbroken
class Watches:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def start(self, watch: Watch, message: Draft, most: int) -> Watch | None:
        """Store a watch and its message; None where that is done.

        Else the one of the same deployment in the channel that goes on, to which the new watcher was added, or
        UserError where `most` go on in the workspace already.
        """
        async with self._database.writing() as connection:
            going_on = _going_on(watch)
            if await _locked(connection, going_on) is None:
                count = select(func.count()).select_from(watches).where(watches.c.over_at.is_(None))
                if (await connection.execute(count)).scalar_one() >= most:
                    raise UserError(_FULL.format(most=most))
                insert = insert_new(connection, watches).values(_new_row(watch)).returning(watches.c.id)
                if (await connection.execute(insert)).scalar():
                    await put(connection, [message], watch.made_at)
                    return None
            # Another may have begun it at this very moment: then it is there now.
            return await _change(
                connection, going_on, lambda one: _with_watchers(one, (*one.watchers, *watch.watchers))
            )

    async def at_work(self) -> Mapping[str, int]:
        """How many go on by foundation; those with messages that show an older view are named too, with 0."""
        async with self._database.reading() as connection:
            found = {row.foundation: 0 for row in await connection.execute(STALE_FOUNDATIONS)}
            found |= {row.foundation: row.many for row in await connection.execute(GOING_ON)}
        return found

    async def running(self, foundation: str) -> tuple[Watch, ...]:
        """Those that are not over, oldest first."""
        async with self._database.reading() as connection:
            rows = (await connection.scalars(running(foundation))).all()
        return tuple(map(WATCHES.value, rows))

    async def one(self, watch_id: str) -> Watch | None:
        async with self._database.reading() as connection:
            body = (await connection.scalars(select(watches.c.body).where(watches.c.id == watch_id))).one_or_none()
        return WATCHES.value(body) if body else None

    async def saw(self, lease: Lease, seen: Sequence[Watch], messages: Sequence[Draft], now: datetime) -> None:
        """Store what was seen with what is to be told in threads; LeaseLostError. Who watches stays as it is stored.

        A watch that is over meanwhile stays so, and nothing more is told in its thread.
        """
        async with self._database.writing() as connection:
            await fence(connection, lease)
            stored = {one.id: one for one in await _locked_ones(connection, [watch.id for watch in seen])}
            kept = [replace(watch, watchers=stored[watch.id].watchers) for watch in seen if watch.id in stored]
            await update_each(connection, _SEEN, [_seen_row(watch) for watch in kept])
            threads = {message_key(watch.id): watch for watch in kept}
            drafts = [_pinging(one, threads[one.thread]) for one in messages if one.thread in threads]
            await put(connection, drafts, now)

    async def stale(self, foundations: Collection[str]) -> tuple[StaleWatch, ...]:
        """Watches whose message is in Slack and shows an older view than the last; no blocked channel's."""
        async with self._database.reading() as connection:
            rows = (await connection.execute(stale(foundations))).all()
        return tuple(StaleWatch(WATCHES.value(row.body), row.ts, row.shown_as_of, row.shown_at) for row in rows)

    async def shown(self, watch_id: str, as_of: datetime, at: datetime) -> None:
        """Note which view the message shows. Where a newer one was noted before, nobody knows which it is: stale."""
        this = watches.c.id == watch_id
        async with self._database.writing() as connection:
            before = select(watches.c.shown_as_of).where(this).with_for_update()
            noted = (await connection.scalars(before)).one_or_none()
            shown_as_of = None if noted and noted > as_of else as_of
            await connection.execute(update(watches).where(this).values(shown_as_of=shown_as_of, shown_at=at))

    async def gone(self, watch_id: str, why: str, now: datetime) -> None:
        """The message was deleted: the watch is over, and never stale."""
        this = watches.c.id == watch_id
        async with self._database.writing() as connection:
            await _change(connection, _is_running(watch_id), lambda one: over(one, why, now).watch)
            await connection.execute(update(watches).where(this).values(shown_as_of=watches.c.as_of, shown_at=now))

    async def join(self, watch_id: str, user: str) -> Watch | None:
        """Add a watcher; None where it is over, or there is none."""
        async with self._database.writing() as connection:
            return await _change(
                connection, _is_running(watch_id), lambda one: _with_watchers(one, (*one.watchers, user))
            )

    async def leave(self, watch_id: str, user: str, why: str, now: datetime) -> Watch | None:
        """Take a watcher away, and end the watch with the last one; None where it is over or they did not watch."""
        async with self._database.writing() as connection:
            there = await _locked(connection, _is_running(watch_id))
            if there is None or user not in there.watchers:
                return None
            return await _change(connection, _is_running(watch_id), lambda one: _without(one, user, why, now))

    async def forget(self, before: datetime) -> None:
        """Forget watches that were over before an instant."""
        async with self._database.writing() as connection:
            await connection.execute(delete(watches).where(watches.c.over_at < before))


_GOES_ON = watches.c.over_at.is_(None)
_IS_STALE = or_(watches.c.shown_as_of.is_(None), watches.c.shown_as_of < watches.c.as_of)
_ITS_MESSAGE = and_(
    messages.c.key == literal(message_key("")) + watches.c.id, messages.c.state == MessageState.SENT.value
)

GOING_ON: AnySelect = select(watches.c.foundation, func.count().label("many")).where(_GOES_ON).group_by("foundation")
STALE_FOUNDATIONS: AnySelect = (
    select(watches.c.foundation)
    .join(messages, _ITS_MESSAGE)
    .where(watches.c.over_at.is_not(None), _IS_STALE)
    .distinct()
)
"""Of watches that are over; about those that go on the other question tells."""


def running(foundation: str) -> Select[str]:
    """Bodies of those that are not over, oldest first."""
    found = select(watches.c.body).where(watches.c.foundation == foundation, _GOES_ON)
    return found.order_by(watches.c.made_at, watches.c.id)


def stale(foundations: Collection[str]) -> AnySelect:
    """Watches with an old message: those that go on by their foundation, the few others by being over."""
    of_these = watches.c.foundation.in_(foundations)
    candidates = or_(and_(of_these, _GOES_ON), and_(of_these, watches.c.over_at.is_not(None)))
    return (
        select(watches.c.body, watches.c.shown_as_of, watches.c.shown_at, messages.c.ts)
        .join(messages, _ITS_MESSAGE)
        .join(lanes, lanes.c.channel == watches.c.channel)
        .where(candidates, _IS_STALE, lanes.c.blocked.is_(None))
    )


def _is_running(watch_id: str) -> ColumnElement[bool]:
    return and_(watches.c.id == watch_id, _GOES_ON)


def _going_on(watch: Watch) -> ColumnElement[bool]:
    place = (watches.c.channel, watches.c.foundation, watches.c.guid)
    named = (watch.channel, watch.foundation, watch.guid)
    return and_(*(column == name for column, name in zip(place, named, strict=True)), _GOES_ON)


async def _locked(connection: AsyncConnection, which: ColumnElement[bool]) -> Watch | None:
    """The watch, held until the transaction ends."""
    body = (await connection.scalars(select(watches.c.body).where(which).with_for_update())).one_or_none()
    return WATCHES.value(body) if body else None


async def _change(
    connection: AsyncConnection, which: ColumnElement[bool], how: Callable[[Watch], Watch]
) -> Watch | None:
    """Store a watch that goes on as it is to be from now on; None where it does not go on."""
    before = await _locked(connection, which)
    if before is None:
        return None
    after = how(before)
    redrawn = {"shown_as_of": None} if after.watchers != before.watchers else {}
    values = {"as_of": after.view.as_of, "over_at": after.over_at, "body": WATCHES.text(after), **redrawn}
    await connection.execute(update(watches).where(watches.c.id == before.id).values(values))
    return after


def _new_row(watch: Watch) -> dict[str, object]:
    """The message that it begins with shows its first view."""
    return {
        "id": watch.id,
        "channel": watch.channel,
        "foundation": watch.foundation,
        "guid": watch.guid,
        "made_at": watch.made_at,
        "as_of": watch.view.as_of,
        "shown_as_of": watch.view.as_of,
        "over_at": watch.over_at,
        "body": WATCHES.text(watch),
    }


_SEEN = (
    update(watches)
    .where(watches.c.id == bindparam("of_watch"))
    .values(as_of=bindparam("new_as_of"), over_at=bindparam("new_over_at"), body=bindparam("new_body"))
)


def _seen_row(watch: Watch) -> dict[str, object]:
    return {
        "of_watch": watch.id,
        "new_as_of": watch.view.as_of,
        "new_over_at": watch.over_at,
        "new_body": WATCHES.text(watch),
    }


async def _locked_ones(connection: AsyncConnection, ids: Sequence[str]) -> list[Watch]:
    """Those of them that go on, held until the transaction ends."""
    found: list[Watch] = []
    for chunk in chunks(sorted(ids)):
        these = select(watches.c.body).where(watches.c.id.in_(chunk), _GOES_ON).order_by(watches.c.id)
        found += [WATCHES.value(body) for body in (await connection.scalars(these.with_for_update())).all()]
    return found


def _with_watchers(watch: Watch, watchers: Sequence[str]) -> Watch:
    return replace(watch, watchers=tuple(dict.fromkeys(watchers))[:MOST_WATCHERS])


def _without(watch: Watch, user: str, why: str, now: datetime) -> Watch:
    left = replace(watch, watchers=tuple(one for one in watch.watchers if one != user))
    return left if left.watchers else over(left, why, now).watch


def _pinging(draft: Draft, watch: Watch) -> Draft:
    """The reply with those whom it pings as they are now."""
    body = draft.body
    if not isinstance(body, WatchReplyBody) or not body.mentions:
        return draft
    return replace(draft, body=replace(body, mentions=mentions(watch.watchers)))
