"""A channel that was shut is tried again as soon as a subscription speaks there: what is held there may be sent."""

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from deploybot.domain.outgoing import MessageState
from deploybot.store.tables import lanes, messages


async def reopen(connection: AsyncConnection, channel: str) -> None:
    """In the transaction that makes or resumes a subscription, and before its row is touched.

    A subscription that speaks in a shut channel would be silent, and nobody would be told. The lane is locked first, as
    by whoever shuts the channel: so that one either pauses this subscription too, or is undone here.
    """
    lane = select(lanes.c.blocked).where(lanes.c.channel == channel).with_for_update()
    if not (await connection.execute(lane)).scalar():
        return
    await connection.execute(update(lanes).where(lanes.c.channel == channel).values(blocked=None))
    held = (messages.c.channel == channel) & (messages.c.state == MessageState.BLOCKED.value)
    await connection.execute(update(messages).where(held).values(state=MessageState.READY.value))
