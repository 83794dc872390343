"""Requests for a second person's agreement in SQL: at most one is open for the same action on the same step."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from msgspec.structs import replace
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from deploybot.domain.acting import bound_text
from deploybot.domain.approval import Approval, ApprovalState
from deploybot.domain.audit import AuditEvent
from deploybot.domain.outgoing import Draft
from deploybot.store.audit import append
from deploybot.store.columns import Codec
from deploybot.store.drafts import put
from deploybot.store.engine import Database
from deploybot.store.rows import AnyRow, insert_new
from deploybot.store.tables import approvals, messages
from deploybot.store.unbroken import unbroken

_APPROVALS = Codec(Approval)
_OPEN = approvals.c.state == ApprovalState.OPEN.value


@unbroken
class Approvals:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def open(self, approval: Approval, event: AuditEvent, message: Draft) -> Approval | None:
        """Store a request, its event and its message together; else the open one of the same `bound` that is there.

        Its message shows the request as it is stored here.
        """
        row = _row(replace(approval, shown=approval.revision))
        async with self._database.writing() as connection:
            insert = insert_new(connection, approvals).values(row).returning(approvals.c.id)
            while (await connection.execute(insert)).scalar() is None:
                if there := await _open_one(connection, approval):
                    return there
                # Somebody closed the other one in between.
            await append(connection, event)
            await put(connection, [message], approval.asked_at)
        return None

    async def one(self, approval_id: str) -> Approval | None:
        async with self._database.reading() as connection:
            row = (await connection.execute(_WHOLE.where(approvals.c.id == approval_id))).one_or_none()
        return _value(row) if row else None

    async def decide(self, before: Approval, after: Approval, event: AuditEvent | None) -> bool:
        """Store what became of it (its `revision` is raised here); False where `revision` is not that of `before` any
        more: somebody was first.
        """
        raised = replace(after, id=before.id, revision=before.revision + 1)
        unchanged = (approvals.c.id == before.id) & (approvals.c.revision == before.revision)
        values = {"state": raised.state.value, "revision": raised.revision, "body": _APPROVALS.text(raised)}
        async with self._database.writing() as connection:
            changed = await connection.execute(update(approvals).where(unchanged).values(values))
            if not changed.rowcount:
                return False
            if event:
                await append(connection, event)
        return True

    async def waiting(self) -> tuple[Approval, ...]:
        """All that are open, oldest first."""
        async with self._database.reading() as connection:
            return _values(await connection.execute(_OLDEST_FIRST.where(_OPEN)))

    async def unfinished(self, since: datetime) -> tuple[Approval, ...]:
        """Those asked for since then that were agreed to, and of which nothing is told yet; oldest first."""
        agreed = approvals.c.state == ApprovalState.AGREED.value
        async with self._database.reading() as connection:
            found = _values(await connection.execute(_OLDEST_FIRST.where(agreed, approvals.c.asked_at >= since)))
        return tuple(each for each in found if not each.told)

    async def stale(self, most: int) -> tuple[tuple[Approval, str], ...]:
        """Those whose message shows an older revision, with the message's ts."""
        # The message's key is made of the request's id; only one that is in Slack can be edited.
        of_request = (messages.c.key == _KEY + approvals.c.id) & messages.c.sent_at.is_not(None) & ~messages.c.gone
        outdated = (
            select(approvals.c.body, approvals.c.shown, messages.c.ts)
            .join(messages, of_request)
            .where(approvals.c.shown < approvals.c.revision)
        )
        async with self._database.reading() as connection:
            rows = (await connection.execute(outdated.order_by(approvals.c.asked_at).limit(most))).all()
        return tuple((_value(row), row.ts) for row in rows)

    async def shown(self, approval_id: str, revision: int) -> None:
        """The message shows this revision now, or never will since it is gone."""
        newer = (approvals.c.id == approval_id) & (approvals.c.shown < revision)
        async with self._database.writing() as connection:
            await connection.execute(update(approvals).where(newer).values(shown=revision))


_KEY = "approval:"
_WHOLE = select(approvals.c.body, approvals.c.shown)
_OLDEST_FIRST = _WHOLE.order_by(approvals.c.asked_at, approvals.c.id)


async def _open_one(connection: AsyncConnection, approval: Approval) -> Approval | None:
    same = (
        (approvals.c.foundation == approval.bound.foundation)
        & (approvals.c.guid == approval.bound.guid)
        & (approvals.c.bound == bound_text(approval.bound))
    )
    row = (await connection.execute(_WHOLE.where(_OPEN, same))).one_or_none()
    return _value(row) if row else None


def _values(rows: Iterable[AnyRow]) -> tuple[Approval, ...]:
    return tuple(_value(row) for row in rows)


def _value(row: AnyRow) -> Approval:
    return replace(_APPROVALS.value(row.body), shown=row.shown)


def _row(approval: Approval) -> dict[str, Any]:
    return {
        "id": approval.id,
        "foundation": approval.bound.foundation,
        "guid": approval.bound.guid,
        "bound": bound_text(approval.bound),
        "state": approval.state.value,
        "asked_at": approval.asked_at,
        "expires_at": approval.expires_at,
        "revision": approval.revision,
        "shown": approval.shown,
        "body": _APPROVALS.text(approval),
    }
