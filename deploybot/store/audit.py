"""The audit record in SQL: events are appended in whatever transaction decides, and are never changed."""

from sqlalchemy.ext.asyncio import AsyncConnection

from deploybot.domain.audit import AuditEvent
from deploybot.store.columns import Codec
from deploybot.store.tables import audit

EVENTS = Codec(AuditEvent)


async def append(connection: AsyncConnection, event: AuditEvent) -> None:
    """Put an event on the record, together with all else of the transaction."""
    await connection.execute(
        audit.insert().values(
            id=event.id,
            at=event.at,
            kind=event.kind.value,
            outcome=event.outcome.value,
            user=event.user,
            account=event.account.lower(),
            foundation=event.foundation,
            org=event.org.lower(),
            space=event.space.lower(),
            app=event.app.lower(),
            guid=event.guid,
            body=EVENTS.text(event),
        )
    )
