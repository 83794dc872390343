"""Takes the buttons from what the guard has said, once somebody has decided and the canary has moved on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from msgspec.structs import replace

from deploybot.domain.acting import stand_of_entry
from deploybot.domain.guard import GuardRule, keys_of, rule_for
from deploybot.domain.ledger import Entry
from deploybot.domain.outgoing import Edit, GuardBody, Sent
from deploybot.domain.ports import Declined, Notifier, Posted
from deploybot.domain.storage import Ledger, Outbox
from deploybot.service.budget import Budget
from deploybot.service.latest import Latest

log = structlog.get_logger(__name__)

_AT_FIRST, _LATER = timedelta(days=1), timedelta(hours=1)
"""How far back changes are looked for: at first what happened while the bot was away too."""
_MOST_STEPS = 100


@dataclass
class GuardMessages:
    """One short turn after the other. `edits` is for the whole workspace: whoever else edits shares it."""

    rules: Sequence[GuardRule]
    foundations: Sequence[str]
    outbox: Outbox
    ledger: Ledger
    notifier: Notifier
    edits: Budget
    _back: timedelta = _AT_FIRST
    _resting: Latest[str, datetime] = field(default_factory=Latest)

    async def tick(self, now: datetime) -> None:
        """Edit some of what shows a canary as waiting that does not any more."""
        if not self.rules:
            return
        entries = await self._changed(now)
        for sent, body in await self._said(entries):
            entry = entries[body.entry.foundation, body.entry.guid]
            resting = self._resting.get(sent.draft.key, now) > now
            if not resting and _has_moved(body.entry, entry) and self.edits.take():
                await self._edit(sent, replace(body, entry=entry, moved_on=True, mentions=()), now)
        self._back = _LATER

    async def _changed(self, now: datetime) -> dict[tuple[str, str], Entry]:
        """The guarded canaries that changed lately, as they are now."""
        found: dict[tuple[str, str], Entry] = {}
        async for batch in self.ledger.transitions(now - self._back, now + timedelta(seconds=1), self.foundations):
            for _, entry in batch:
                if (entry.steps or 0) <= _MOST_STEPS and rule_for(self.rules, entry):
                    found[entry.foundation, entry.guid] = entry
        return found

    async def _said(self, entries: Mapping[tuple[str, str], Entry]) -> list[tuple[Sent, GuardBody]]:
        """What was said of them and shows them as waiting."""
        keys = [key for entry in entries.values() if entry.strategy == "canary" for key in keys_of(entry)]
        found = [(sent, sent.draft.body) for sent in await self.outbox.sent_ones(keys)]
        return [(sent, body) for sent, body in found if isinstance(body, GuardBody) and not body.moved_on]

    async def _edit(self, sent: Sent, body: GuardBody, now: datetime) -> None:
        delivery = await self.notifier.edit(Edit(sent.draft.channel, sent.ts, body))
        log.info("guard's message redrawn", key=sent.draft.key, outcome=str(delivery))
        self._resting.pop(sent.draft.key, None)
        match delivery:
            case Posted() | Declined(shut=True):
                await self.outbox.redrawn(sent.draft.key, body)
            case Declined(wait=wait) if wait:
                self._resting[sent.draft.key] = now + timedelta(seconds=wait)
            case _:
                pass  # it shows the old state still, and comes again


def _has_moved(shown: Entry, now: Entry) -> bool:
    return not now.is_active or stand_of_entry(shown) != stand_of_entry(now)
