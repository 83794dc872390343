"""Slack users' Cloud Foundry accounts in SQL. A refresh token is sealed before it gets near the database."""

from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, delete, select, update

from deploybot.domain.audit import AuditEvent
from deploybot.domain.link import UNOPENED, Link
from deploybot.domain.secret import Secret
from deploybot.store.audit import append
from deploybot.store.engine import Database
from deploybot.store.rows import AnyRow, upsert
from deploybot.store.sealing import Seals
from deploybot.store.tables import links
from deploybot.store.unbroken import unbroken


@unbroken
class Links:
    def __init__(self, database: Database, seals: Seals) -> None:
        self._database = database
        self._seals = seals

    async def put(self, link: Link, event: AuditEvent) -> None:
        """Store a link in place of an earlier one of the same person on the same foundation."""
        values = self._values(link)
        async with self._database.writing() as connection:
            await connection.execute(upsert(connection, links).values(values))
            await append(connection, event)

    async def one(self, user: str, foundation: str) -> Link | None:
        """None also where no configured key opens what is stored: then it has to be linked anew."""
        found = await self._where(_key(user, foundation))
        return found[0] if found and found[0].broken != UNOPENED else None

    async def of(self, user: str) -> tuple[Link, ...]:
        """By foundation; one that no key opens is `broken` for as long as that key is missing."""
        return await self._where(links.c.user == user)

    async def of_account(self, foundation: str, account_guid: str) -> tuple[Link, ...]:
        """Who is linked to this account: to tell a person in Slack what concerns it."""
        return await self._where((links.c.foundation == foundation) & (links.c.account_guid == account_guid))

    async def replace(self, before: Link, after: Link) -> bool:
        """Store a rotated token, or that a link is broken; False where `revision` is not that of `before` any more.

        `after.revision` is not looked at: it becomes the next one.
        """
        same = _key(before.user, before.foundation) & (links.c.revision == before.revision)
        same &= links.c.linked_at == before.linked_at
        values = self._values(replace(after, revision=before.revision + 1))
        async with self._database.writing() as connection:
            stored = await connection.execute(update(links).where(same).values(values))
            return bool(stored.rowcount)

    async def remove(self, user: str, foundation: str, event: AuditEvent) -> bool:
        """Forget a link, with its event; False, and no event, where there is none."""
        async with self._database.writing() as connection:
            removed = await connection.execute(delete(links).where(_key(user, foundation)))
            if not removed.rowcount:
                return False
            await append(connection, event)
            return True

    async def seal_anew(self) -> int:
        """Seal with the first key what older ones sealed, so that these can be taken away; how many links that were."""
        kept, count = links.c.sealed, 0
        async with self._database.writing() as connection:
            for (sealed,) in (await connection.execute(select(kept).where(kept != ""))).all():
                if renewed := self._seals.renewed(sealed):
                    await connection.execute(update(links).where(kept == sealed).values(sealed=renewed))
                    count += 1
        return count

    async def _where(self, condition: ColumnElement[bool]) -> tuple[Link, ...]:
        async with self._database.reading() as connection:
            rows = (await connection.execute(select(links).where(condition).order_by(links.c.foundation))).all()
        return tuple(self._link(row) for row in rows)

    def _values(self, link: Link) -> dict[str, Any]:
        return {
            "user": link.user,
            "foundation": link.foundation,
            "account_guid": link.account_guid,
            "account": link.account,
            "scopes": " ".join(link.scopes),
            "linked_at": link.linked_at,
            "used_at": link.used_at,
            "sealed": "" if link.broken else self._seals.seal(link.refresh, link.user, link.foundation),
            "broken": link.broken,
            "revision": link.revision,
        }

    def _link(self, row: AnyRow) -> Link:
        opened = None if row.broken else self._seals.open(row.sealed, row.user, row.foundation)
        return Link(
            user=row.user,
            foundation=row.foundation,
            account_guid=row.account_guid,
            account=row.account,
            scopes=tuple(row.scopes.split()),
            linked_at=row.linked_at,
            used_at=row.used_at,
            refresh=opened or Secret(""),
            broken=row.broken or ("" if opened else UNOPENED),
            revision=row.revision,
        )


def _key(user: str, foundation: str) -> ColumnElement[bool]:
    return (links.c.user == user) & (links.c.foundation == foundation)
