"""Actions and their record in SQL: each is claimed before it is sent, by one process, and settled once."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Select, and_, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from deploybot.domain.acting import ActionRow, ActionState
from deploybot.domain.audit import AuditAsk, AuditEvent
from deploybot.store import audit
from deploybot.store.audit import EVENTS, append
from deploybot.store.columns import Codec
from deploybot.store.engine import Database
from deploybot.store.rows import CHUNK, AnyRow, insert_new
from deploybot.store.tables import actions
from deploybot.store.unbroken import unbroken

ACTIONS = Codec(ActionRow)
MOST_TRIES = 100
"""Rows of one deployment that are told."""
_ATTEMPTS = 10
"""Claims that something stood in the way of which was gone when it was looked for: it was settled just then."""


@unbroken
class ActionLog:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(self, row: ActionRow, event: AuditEvent, again_after: datetime) -> ActionRow | None:
        """Take the right to send this action once, with its event, in one transaction; None: it is ours.

        Else the row that stands in the way: one with the same confirmation; one of the same deployment in the same
        stand that is CLAIMED or DONE, whatever its action; or one of the same `bound` that is UNCLEAR and was settled
        after `again_after`.
        """
        for _ in range(_ATTEMPTS):
            async with self._database.writing() as connection:
                is_ours = await _inserted(connection, row)
                # Looked for after the insert, which waits for whoever inserts the same: so nothing comes in between.
                way = await _in_the_way(connection, row, again_after)
                if is_ours and way is None:
                    await append(connection, event)
                    return None
                if is_ours:
                    await connection.execute(delete(actions).where(actions.c.id == row.id))
            if way is not None:
                return way
        raise TimeoutError("the action could not be claimed")

    async def settle(self, row: ActionRow, event: AuditEvent) -> bool:
        """Store what came of a claimed action, once; False where it was settled before."""
        is_claimed = and_(actions.c.id == row.id, actions.c.state == ActionState.CLAIMED.value)
        became = {"state": row.state.value, "settled_at": row.settled_at, "body": ACTIONS.text(row)}
        async with self._database.writing() as connection:
            settled = (await connection.execute(update(actions).where(is_claimed).values(became))).rowcount
            if settled:
                await append(connection, event)
        return bool(settled)

    async def unsettled(self, before: datetime, most: int) -> tuple[ActionRow, ...]:
        """Claimed before an instant and never settled: whoever claimed them died, or hangs. Oldest first."""
        return await self._rows(unsettled(before, most))

    async def of_deployment(self, foundation: str, guid: str) -> tuple[ActionRow, ...]:
        """All tries on one deployment, newest first, a hundred at most."""
        return await self._rows(of_deployment(foundation, guid))

    async def settled_since(self, since: datetime) -> frozenset[str]:
        """The foundations where an action was settled after an instant, by whichever process."""
        async with self._database.reading() as connection:
            return frozenset((await connection.scalars(settled_since(since))).all())

    async def note(self, event: AuditEvent) -> None:
        """Append an event that is no action: a refusal before anything was claimed, a link, a request."""
        async with self._database.writing() as connection:
            await append(connection, event)

    async def audit(self, ask: AuditAsk, skip: int, most: int) -> tuple[int, tuple[AuditEvent, ...]]:
        """How many events match, and some of them, newest first."""
        async with self._database.reading() as connection:
            count = (await connection.execute(audit.counted(ask))).scalar_one()
            bodies = (await connection.scalars(audit.newest(ask, skip, most))).all()
        return count, tuple(map(EVENTS.value, bodies))

    async def audit_all(self, ask: AuditAsk) -> AsyncIterator[Sequence[AuditEvent]]:
        """All that match, oldest first, in batches; each is a question of its own: no transaction stays open."""
        after: AnyRow | None = None
        while True:
            async with self._database.reading() as connection:
                rows = (await connection.execute(audit.oldest(ask, after))).all()
            if rows:
                yield [EVENTS.value(row.body) for row in rows]
            if len(rows) < CHUNK:
                return
            after = rows[-1]
            await asyncio.sleep(0)

    async def _rows(self, question: Select[str]) -> tuple[ActionRow, ...]:
        async with self._database.reading() as connection:
            return tuple(map(ACTIONS.value, (await connection.scalars(question)).all()))


def unsettled(before: datetime, most: int) -> Select[str]:
    is_claimed = and_(actions.c.state == ActionState.CLAIMED.value, actions.c.claimed_at < before)
    return select(actions.c.body).where(is_claimed).order_by(actions.c.claimed_at, actions.c.id).limit(most)


def settled_since(since: datetime) -> Select[str]:
    return select(actions.c.foundation).where(actions.c.settled_at > since)


def of_deployment(foundation: str, guid: str) -> Select[str]:
    its = and_(actions.c.foundation == foundation, actions.c.guid == guid)
    return select(actions.c.body).where(its).order_by(actions.c.claimed_at.desc(), actions.c.id).limit(MOST_TRIES)


async def _inserted(connection: AsyncConnection, row: ActionRow) -> bool:
    """Whether no unique key stood in its way: the confirmation, or one that is claimed or done in the same stand."""
    values = {
        "id": row.id,
        "confirmation": row.confirmation,
        "foundation": row.bound.foundation,
        "guid": row.bound.guid,
        "bound": _stand(row),
        "state": row.state.value,
        "claimed_at": row.claimed_at,
        "settled_at": row.settled_at,
        "body": ACTIONS.text(row),
    }
    inserted = insert_new(connection, actions).values(values).returning(actions.c.id)
    return (await connection.execute(inserted)).scalar() is not None


async def _in_the_way(connection: AsyncConnection, row: ActionRow, again_after: datetime) -> ActionRow | None:
    its = and_(
        actions.c.foundation == row.bound.foundation, actions.c.guid == row.bound.guid, actions.c.bound == _stand(row)
    )
    same = or_(actions.c.confirmation == row.confirmation, its)
    found = select(actions.c.body).where(same, actions.c.id != row.id).order_by(actions.c.claimed_at.desc())
    others = map(ACTIONS.value, (await connection.scalars(found)).all())
    return next((other for other in others if _stops(other, row, again_after)), None)


def _stops(other: ActionRow, row: ActionRow, again_after: datetime) -> bool:
    if other.confirmation == row.confirmation or other.state in (ActionState.CLAIMED, ActionState.DONE):
        return True
    is_same = other.state is ActionState.UNCLEAR and other.bound == row.bound
    return is_same and (other.settled_at is None or other.settled_at > again_after)


def _stand(row: ActionRow) -> str:
    stand = row.bound.stand
    return msgspec.json.encode(stand and (stand.value, stand.reason, stand.step)).decode()
