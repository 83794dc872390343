"""Leases: the right to do something alone for a while, with a token that tells a new holder from the old one."""

from datetime import UTC, datetime

from sqlalchemy import case, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from deploybot.domain.storage import Lease, LeaseLostError
from deploybot.store.engine import Database
from deploybot.store.rows import dialect_insert
from deploybot.store.tables import leases
from deploybot.store.unbroken import unbroken

_OVER = datetime(1970, 1, 1, tzinfo=UTC)


@unbroken
class Leases:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def acquire(self, name: str, holder: str, now: datetime, until: datetime) -> Lease | None:
        """Take a lease that is free or over, or renew one's own (the token stays); None while another has it."""
        is_mine = leases.c.holder == holder
        next_token = case((is_mine, leases.c.token), else_=leases.c.token + 1)
        async with self._database.writing() as connection:
            take = (
                dialect_insert(connection, leases)
                .values(name=name, holder=holder, token=1, until=until)
                .on_conflict_do_update(
                    index_elements=[leases.c.name],
                    set_={"holder": holder, "token": next_token, "until": until},
                    where=is_mine | (leases.c.until <= now),
                )
            )
            token = (await connection.execute(take.returning(leases.c.token))).scalar()
        return Lease(name, holder, token, until) if token else None

    async def release(self, lease: Lease) -> None:
        """Let go at once; nothing where it was lost already."""
        mine = (leases.c.name == lease.name) & (leases.c.token == lease.token) & (leases.c.holder == lease.holder)
        async with self._database.writing() as connection:
            await connection.execute(update(leases).where(mine).values(holder="", until=_OVER))


async def fence(connection: AsyncConnection, lease: Lease) -> None:
    """Hold off whoever would take the lease over until this transaction ends. LeaseLostError where one has already."""
    current = select(leases.c.token).where(leases.c.name == lease.name, leases.c.holder == lease.holder)
    if (await connection.execute(current.with_for_update(read=True))).scalar() != lease.token:
        raise LeaseLostError(lease.name)
