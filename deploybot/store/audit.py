"""The audit record in SQL: events are appended in whatever transaction decides, and are never changed."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Text, and_, false, func, or_, select, true, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from deploybot.domain.audit import AuditAsk, AuditEvent
from deploybot.domain.wildcard import is_wildcard
from deploybot.store.columns import Codec
from deploybot.store.rows import CHUNK, AnyRow, AnySelect
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


def counted(ask: AuditAsk) -> AnySelect:
    """How many events match."""
    return select(func.count()).select_from(audit).where(_matches(ask))


def newest(ask: AuditAsk, skip: int, most: int) -> AnySelect:
    """Some of those that match, newest first."""
    ordered = select(audit.c.body).where(_matches(ask)).order_by(audit.c.at.desc(), audit.c.number.desc())
    return ordered.offset(skip).limit(most)


def oldest(ask: AuditAsk, after: AnyRow | None) -> AnySelect:
    """A batch of those that match, oldest first, going on after a row of the batch before."""
    ordered = select(*_ORDER, audit.c.body).where(_matches(ask)).order_by(*_ORDER).limit(CHUNK)
    if after is None:
        return ordered
    return ordered.where(tuple_(*_ORDER) > tuple_(*after[:2], types=[column.type for column in _ORDER]))


_ORDER = (audit.c.at, audit.c.number)


def _matches(ask: AuditAsk) -> ColumnElement[bool]:
    """The guid is asked for by itself: who names one wants the few events of it, whenever they were."""
    conditions = [
        _one_of(audit.c.kind, ask.kinds),
        _one_of(audit.c.outcome, ask.outcomes),
        _one_of(audit.c.guid, ask.guids),
        or_(audit.c.user.in_(ask.by), _named(audit.c.account, ask.by)) if ask.by else true(),
        _named(audit.c.foundation, ask.foundations),
        _named(audit.c.org, ask.orgs),
        _named(audit.c.space, ask.spaces),
        _named(audit.c.app, ask.apps),
        audit.c.at >= ask.since if ask.since else true(),
        audit.c.at < ask.until if ask.until else true(),
    ]
    return and_(true(), *conditions)


def _one_of(column: ColumnElement[str], words: Sequence[str]) -> ColumnElement[bool]:
    return column.in_(words) if words else true()


def _named(column: ColumnElement[str], names: Sequence[str]) -> ColumnElement[bool]:
    """Compared without case; `*` stands for anything."""
    return or_(false(), *(_is_named(column, name.lower()) for name in names)) if names else true()


def _is_named(column: ColumnElement[str], name: str) -> ColumnElement[bool]:
    if not is_wildcard(name):
        return column == name
    escaped = name.replace("/", "//").replace("%", "/%").replace("_", "/_")
    return column.cast(Text).like(escaped.replace("*", "%"), escape="/")
