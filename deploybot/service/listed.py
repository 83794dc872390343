"""What a message stands for, as whoever presses its button may read it."""

from dataclasses import dataclass

from deploybot.domain.ledger import Entry
from deploybot.domain.storage import Outbox
from deploybot.service.reading import Reading
from deploybot.service.seeing import seen_by

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Listed:
    """A message stands for ten thousand deployments at most, so all of them can be looked through."""

    outbox: Outbox
    reading: Reading

    async def page(self, message: int, skip: int, most: int, user: str, channel: str) -> tuple[int, tuple[Entry, ...]]:
        """How many deployments that this person may read a message stands for, and some of them.

        A UserError where they may read nothing at all.
        """
        sight = await self.reading.of_person(user, channel)
        seen_by(sight, ())
        if sight.everything:
            return await self.outbox.listed(message, skip, most)
        seen: list[Entry] = []
        total, at = 1, 0
        while at < total:
            total, entries = await self.outbox.listed(message, at, _AT_ONCE)
            seen += (entry for entry in entries if sight.entry(entry))
            at += _AT_ONCE
        return len(seen), tuple(seen[skip : skip + most])
