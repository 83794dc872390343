"""What acting and watching need of a store, as Protocols: links, actions with their record, approvals, watches.

Every method is one transaction, as in `domain.storage`.
"""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from deploybot.domain.acting import ActionRow
from deploybot.domain.approval import Approval
from deploybot.domain.audit import AuditAsk, AuditEvent
from deploybot.domain.link import Link
from deploybot.domain.outgoing import Draft
from deploybot.domain.storage import Lease
from deploybot.domain.watch import StaleWatch, Watch


class Links(Protocol):
    """Slack users' Cloud Foundry accounts; refresh tokens are encrypted at rest."""

    async def put(self, link: Link, event: AuditEvent) -> None:
        """Store a link in place of an earlier one of the same person on the same foundation."""
        ...

    async def one(self, user: str, foundation: str) -> Link | None:
        """None also where no configured key opens what is stored: then it has to be linked anew."""
        ...

    async def of(self, user: str) -> tuple[Link, ...]: ...

    async def of_account(self, foundation: str, account_guid: str) -> tuple[Link, ...]:
        """Who is linked to this account: to tell a person in Slack what concerns it."""
        ...

    async def replace(self, before: Link, after: Link) -> bool:
        """Store a rotated token, or that a link is broken; False where `revision` is not that of `before` any more."""
        ...

    async def remove(self, user: str, foundation: str, event: AuditEvent) -> bool: ...


class ActionLog(Protocol):
    """Actions and the record of them. What is in the audit table is never changed or removed but by retention."""

    async def claim(self, row: ActionRow, event: AuditEvent, again_after: datetime) -> ActionRow | None:
        """Take the right to send this action once, with its event, in one transaction; None: it is ours.

        Else the row that stands in the way: one with the same confirmation; one of the same deployment in the same
        stand that is CLAIMED or DONE, whatever its action; or one of the same `bound` that is UNCLEAR and was settled
        after `again_after`.
        """
        ...

    async def settle(self, row: ActionRow, event: AuditEvent) -> bool:
        """Store what came of a claimed action, once; False where it was settled before."""
        ...

    async def unsettled(self, before: datetime, most: int) -> tuple[ActionRow, ...]:
        """Claimed before an instant and never settled: whoever claimed them died, or hangs."""
        ...

    async def of_deployment(self, foundation: str, guid: str) -> tuple[ActionRow, ...]:
        """All tries on one deployment, newest first, a hundred at most."""
        ...

    async def settled_since(self, since: datetime) -> frozenset[str]:
        """The foundations where an action was settled after an instant, by whichever process."""
        ...

    async def note(self, event: AuditEvent) -> None:
        """Append an event that is no action: a refusal before anything was claimed, a link, a request."""
        ...

    async def audit(self, ask: AuditAsk, skip: int, most: int) -> tuple[int, tuple[AuditEvent, ...]]:
        """How many events match, and some of them, newest first."""
        ...

    def audit_all(self, ask: AuditAsk) -> AsyncIterator[Sequence[AuditEvent]]:
        """All that match, oldest first, in batches."""
        ...


class Approvals(Protocol):
    async def open(self, approval: Approval, event: AuditEvent, message: Draft) -> Approval | None:
        """Store a request, its event and its message together; else the open one of the same `bound` that is there."""
        ...

    async def one(self, approval_id: str) -> Approval | None: ...

    async def decide(self, before: Approval, after: Approval, event: AuditEvent | None) -> bool:
        """Store what became of it (its `revision` is raised here); False where `revision` is not that of `before` any
        more: somebody was first.
        """
        ...

    async def waiting(self) -> tuple[Approval, ...]:
        """All that are open, oldest first."""
        ...

    async def unfinished(self, since: datetime) -> tuple[Approval, ...]:
        """Those asked for since then that were agreed to, and of which nothing is told yet; oldest first."""
        ...

    async def stale(self, most: int) -> tuple[tuple[Approval, str], ...]:
        """Those whose message shows an older revision, with the message's ts."""
        ...

    async def shown(self, approval_id: str, revision: int) -> None:
        """The message shows this revision now, or never will since it is gone."""
        ...


class Watches(Protocol):
    async def start(self, watch: Watch, message: Draft, most: int) -> Watch | None:
        """Store a watch and its message; None where that is done.

        Else the one of the same deployment in the channel that goes on, to which the new watcher was added, or
        UserError where `most` go on in the workspace already.
        """
        ...

    async def at_work(self) -> Mapping[str, int]:
        """How many go on by foundation; those with messages that show an older view are named too, with 0."""
        ...

    async def running(self, foundation: str) -> tuple[Watch, ...]:
        """Those that are not over, oldest first."""
        ...

    async def one(self, watch_id: str) -> Watch | None: ...

    async def saw(self, lease: Lease, seen: Sequence[Watch], messages: Sequence[Draft], now: datetime) -> None:
        """Store what was seen with what is to be told in threads; LeaseLostError. Who watches stays as it is stored.

        A watch that is over meanwhile stays so, and nothing more is told in its thread.
        """
        ...

    async def stale(self, foundations: Collection[str]) -> tuple[StaleWatch, ...]:
        """Watches whose message is in Slack and shows an older view than the last; no blocked channel's."""
        ...

    async def shown(self, watch_id: str, as_of: datetime, at: datetime) -> None:
        """Note which view the message shows. Where a newer one was noted before, nobody knows which it is: stale."""
        ...

    async def gone(self, watch_id: str, why: str, now: datetime) -> None:
        """The message was deleted: the watch is over, and never stale."""
        ...

    async def join(self, watch_id: str, user: str) -> Watch | None:
        """Add a watcher; None where it is over, or there is none."""
        ...

    async def leave(self, watch_id: str, user: str, why: str, now: datetime) -> Watch | None:
        """Take a watcher away, and end the watch with the last one; None where it is over or they did not watch."""
        ...

    async def forget(self, before: datetime) -> None:
        """Forget watches that were over before an instant."""
        ...
