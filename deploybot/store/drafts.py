"""Messages as rows: drafts go in, claims come out with all that drawing them needs."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from deploybot.domain.ledger import Entry
from deploybot.domain.outgoing import AlertBody, Body, Claim, Draft, Listed, MessageState, ReplyBody
from deploybot.store.columns import Codec
from deploybot.store.rows import AnyRow, chunks, entries_of, execute_many, insert_new
from deploybot.store.tables import lanes, listed, messages

BODIES: Codec[Body] = Codec(Body)  # type: ignore[arg-type]  # a union is a type to msgspec
IDS = Codec(tuple[str, ...])


async def put(connection: AsyncConnection, drafts: Sequence[Draft], now: datetime) -> dict[str, int]:
    """Put messages into the outbox: the ids of those added, by key. Where a key is there already nothing is added.

    A reply to a message that there is not is a ValueError: it could never be sent.
    """
    there = await ids_of(connection, {key for draft in drafts for key in (draft.key, draft.thread)})
    fresh = {draft.key: draft for draft in drafts if draft.key not in there}
    if missing := {draft.thread for draft in drafts if draft.thread} - there.keys() - fresh.keys():
        raise ValueError(f"replies to messages that there are not: {', '.join(sorted(missing))}")
    statement = insert_new(connection, messages).returning(messages.c.key, messages.c.id)
    added: dict[str, int] = {}
    for chunk in chunks([_row(draft, now) for draft in fresh.values()]):
        added |= {row.key: row.id for row in await connection.execute(statement, chunk)}
    channels = sorted({fresh[key].channel for key in added})
    await execute_many(connection, insert_new(connection, lanes), [_lane(channel, now) for channel in channels])
    rows = (_listed_row(id_, *each) for key, id_ in added.items() for each in enumerate(fresh[key].listed))
    await execute_many(connection, insert_new(connection, listed), rows)
    return added


async def hold_lanes(connection: AsyncConnection, channels: Collection[str]) -> None:
    """Lock the lanes that there are, in one order: before subscriptions, as whoever sends there locks these after it.

    Putting a message into the outbox waits for the lane where another transaction changes that.
    """
    for chunk in chunks(sorted(channels)):
        these = select(lanes.c.channel).where(lanes.c.channel.in_(chunk)).order_by(lanes.c.channel)
        await connection.execute(these.with_for_update())


async def ids_of(connection: AsyncConnection, keys: Collection[str]) -> dict[str, int]:
    """The ids of messages by key; unknown ones are left out."""
    found: dict[str, int] = {}
    for chunk in chunks(sorted(keys)):
        rows = await connection.execute(select(messages.c.key, messages.c.id).where(messages.c.key.in_(chunk)))
        found.update({row.key: row.id for row in rows})
    return found


def _row(draft: Draft, now: datetime) -> dict[str, Any]:
    alert = draft.body if isinstance(draft.body, AlertBody) else None
    return {
        "key": draft.key,
        "channel": draft.channel,
        "thread": draft.thread or None,
        "foundation": alert.foundation if alert else None,
        "guid": alert.guid if alert else None,
        "body": BODIES.text(draft.body),
        "subscriptions": IDS.text(draft.subscriptions),
        "drafted_at": now,
        "state": MessageState.READY.value,
        "not_before": draft.not_before,
        "attempts": 0,
        "sends": 0,
        "repeat": False,
        "reason": "",
        "ts": "",
        "gone": False,
    }


def _lane(channel: str, now: datetime) -> dict[str, Any]:
    return {"channel": channel, "next_at": now}


def _listed_row(message: int, position: int, each: Listed) -> dict[str, Any]:
    return {"message": message, "position": position, "foundation": each.foundation, "guid": each.guid}


async def claims_of(
    connection: AsyncConnection, ids: Collection[int], token: str, until: datetime
) -> tuple[Claim, ...]:
    """Messages by id as claims, oldest first."""
    root = messages.alias("root")
    whole = select(messages, root.c.ts.label("thread_ts")).outerjoin(root, root.c.key == messages.c.thread)
    rows = (await connection.execute(whole.where(messages.c.id.in_(ids)).order_by(messages.c.id))).all()
    stands_for = await _listed(connection, ids)
    bodies = {row.id: BODIES.value(row.body) for row in rows}
    known = await entries_of(connection, {key for body in bodies.values() if (key := subject(body))})
    return tuple(
        Claim(
            message=row.id,
            draft=draft_of(row, bodies[row.id], stands_for.get(row.id, ())),
            token=token,
            until=until,
            attempts=row.attempts,
            attempted_at=row.attempted_at,
            repeat=row.repeat,
            thread_ts=row.thread_ts or "",
            entry=_entry(bodies[row.id], known),
            ts=row.ts,
            drafted_at=row.drafted_at,
        )
        for row in rows
    )


def subject(body: Body) -> tuple[str, str] | None:
    """The deployment that an alert or a reply is about."""
    match body:
        case AlertBody(foundation=foundation, guid=guid):
            return foundation, guid
        case ReplyBody(transition=transition):
            return transition.foundation, transition.guid
        case _:
            return None


def _entry(body: Body, known: Mapping[tuple[str, str], Entry]) -> Entry | None:
    about = subject(body)
    return known.get(about) if about else None


async def _listed(connection: AsyncConnection, ids: Collection[int]) -> dict[int, tuple[Listed, ...]]:
    rows = await connection.execute(
        select(listed).where(listed.c.message.in_(ids)).order_by(listed.c.message, listed.c.position)
    )
    found: dict[int, list[Listed]] = {}
    for row in rows:
        found.setdefault(row.message, []).append(Listed(row.foundation, row.guid))
    return {message: tuple(each) for message, each in found.items()}


def draft_of(row: AnyRow, body: Body, stands_for: tuple[Listed, ...]) -> Draft:
    """The message of a row, with what it lists."""
    return Draft(
        key=row.key,
        channel=row.channel,
        body=body,
        thread=row.thread or "",
        not_before=row.not_before,
        listed=stands_for,
        subscriptions=IDS.value(row.subscriptions),
    )
