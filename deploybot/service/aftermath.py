"""What became of an action of which nobody knows whether it was done: the deployment itself is looked at.

And, right before one is sent, whether it is still where the person saw it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from deploybot.domain.acting import ActionRow, ActionState
from deploybot.domain.consequences import moved, state_words
from deploybot.domain.deployment import Deployment, Event
from deploybot.domain.page import Row
from deploybot.domain.paging import key_of
from deploybot.domain.ports import Foundation
from deploybot.domain.query import Sort
from deploybot.errors import UpstreamError
from deploybot.service.listing import Listing
from deploybot.service.rows import to_rows
from deploybot.service.walking import Found

LOOK_SECONDS = 3.0
PAUSES = (0.5, 1.5, 3.0)
"""Seconds between looks: whoever answered too late may still do it."""
SKEW = timedelta(seconds=5)
"""How far a foundation's clock may be behind ours; its events are in whole seconds besides."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look showed: DONE where Cloud Foundry's own record says that it was done, else UNCLEAR.

    `still` says that the deployment is where it was before. `also_by` is who else did the same since it was claimed.
    """

    state: ActionState
    told: str
    row: Row | None = None
    event_guid: str = ""
    still: bool = False
    also_by: str = ""

    @property
    def state_words(self) -> str:
        """Where the deployment stands, "" where nobody knows."""
        return state_words(self.row.deployment) if self.row else ""


@dataclass(frozen=True, slots=True)
class Aftermath:
    listing: Listing
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    pauses: tuple[float, ...] = PAUSES

    async def watched(self, row: ActionRow, now: datetime) -> Seen:
        """What is found within some seconds: looked at again while nothing has happened."""
        seen = await self.look(row, now)
        for pause in self.pauses:
            if seen.state is ActionState.DONE or not (seen.still or seen.row is None):
                break
            await self.sleep(pause)
            seen = await self.look(row, now)
        return seen

    async def why_not_now(self, row: ActionRow, until: float) -> str:
        """Right before it is sent: a sentence where the deployment is not where it was any more, else ""."""
        foundation = self._foundation(row)
        if foundation is None:
            return f"I know no foundation called {row.bound.foundation} any more."
        try:
            deployment = await foundation.deployment(row.bound.guid, until)
            told = moved(row.bound, deployment, ())
            return (
                moved(row.bound, deployment, await foundation.events(deployment, until))
                if told and deployment
                else told
            )
        except UpstreamError as error:
            return f"{error.foundation} {error.reason}."

    def _foundation(self, row: ActionRow) -> Foundation | None:
        return next((one for one in self.listing.foundations if one.name == row.bound.foundation), None)

    async def look(self, row: ActionRow, now: datetime) -> Seen:
        """One look."""
        until = self.listing.monotonic() + LOOK_SECONDS
        foundation = self._foundation(row)
        if foundation is None:
            return Seen(ActionState.UNCLEAR, f"I could not look: I know no foundation {row.bound.foundation} any more.")
        try:
            return await self._look(foundation, row, now, until)
        except UpstreamError as error:
            return Seen(ActionState.UNCLEAR, f"I could not look at it: {error.foundation} {error.reason}. {_BY_HAND}")

    async def _look(self, foundation: Foundation, row: ActionRow, now: datetime, until: float) -> Seen:
        deployment = await foundation.deployment(row.bound.guid, until)
        if deployment is None:
            return Seen(ActionState.UNCLEAR, "I looked: the deployment is not there any more.")
        found = Found(foundation, key_of(foundation.name, deployment, Sort()), deployment)
        rows, events = await asyncio.gather(
            to_rows([found], self.listing.rules, now, until), foundation.events(deployment, until)
        )
        return _seen(row, rows.rows[0], deployment, events)


_BY_HAND = "Look at it before you try again; I do not send it again by myself."


def _seen(row: ActionRow, shown: Row, deployment: Deployment, events: Sequence[Event] | None) -> Seen:
    told = moved(row.bound, deployment, events)
    if not told:
        words = f"I looked: nothing has happened so far. {state_words(deployment)} {_TRY_AGAIN}"
        return Seen(ActionState.UNCLEAR, words, shown, still=True)
    own = next((event for event in reversed(events or ()) if is_own(event, row)), None)
    if own:
        words = f"I looked: it was done. {state_words(deployment)}"
        return Seen(ActionState.DONE, words, shown, own.guid, also_by=_also_by(events or (), row))
    seems = "" if events else " So it seems that it was done."
    return Seen(ActionState.UNCLEAR, f"I looked: {told[0].lower()}{told[1:]}{seems}", shown)


_TRY_AGAIN = "I do not send it again by myself: if it is still so in a minute, try again."


def _also_by(events: Sequence[Event], row: ActionRow) -> str:
    """Who else did the same to it since it was claimed, "" where nobody seems to have."""
    same = [event for event in events if event.type == row.bound.action.value and event.at >= row.claimed_at - SKEW]
    return next((event.by.shown for event in reversed(same) if not is_own(event, row)), "")


def is_own(event: Event, row: ActionRow) -> bool:
    """Whether Cloud Foundry's event is about this very action: its kind, its account, not before it was claimed."""
    names = {name.casefold() for name in (row.account, row.account_guid) if name}
    is_theirs = not names.isdisjoint({event.by.guid.casefold(), event.by.name.casefold()})
    return event.type == row.bound.action.value and is_theirs and event.at >= row.claimed_at - SKEW
