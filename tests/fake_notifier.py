"""The one fake of the Notifier port: channels in memory, and everything that can go wrong on the way to them."""

import asyncio
from collections import Counter, deque
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from deploybot.domain.outgoing import Body, Claim, Edit, Outdated
from deploybot.domain.ports import Declined, Delivery, Posted, Unclear

START = datetime(2026, 11, 23, 10, 0, 0, tzinfo=UTC)


class CrashedError(BaseException):
    """The process is killed here."""


@dataclass
class Clock:
    """Time that a test moves by hand; also as a monotonic clock, in seconds."""

    at: datetime = START

    def __call__(self) -> float:
        return self.at.timestamp()

    def pass_by(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)

    async def sleep(self, seconds: float) -> None:
        self.pass_by(seconds)


@dataclass(frozen=True)
class Shown:
    """A message in a channel, that history shows from `visible_at` on."""

    channel: str
    key: str
    ts: str
    thread_ts: str
    visible_at: datetime
    repeat: bool = False
    ordinal: int = 0


@dataclass
class FakeNotifier:
    """Posts do what `script` says, one word each, and "ok" when it is at its end:

    `ok`, `lost` (unclear, not there), `unclear` (there), `late` (unclear, shown 100 s later), `late ok`, `limited`
    (declined for 7 s), `declined`, `shut`, `crash` (there, then killed), `killed` (before it is there), `frozen`
    (halted until `thaw` is set, then there).
    """

    clock: Clock
    script: deque[str] = field(default_factory=deque)
    messages: list[Shown] = field(default_factory=list)
    posts: list[tuple[datetime, Claim]] = field(default_factory=list)
    edits: list[Outdated] = field(default_factory=list)
    edit_script: deque[Delivery] = field(default_factory=deque)
    redrawn: list[tuple[datetime, Edit]] = field(default_factory=list)
    finds: list[tuple[datetime, str]] = field(default_factory=list)
    find_script: deque[Unclear | None] = field(default_factory=deque)
    refused_deletes: int = 0
    may_look: bool = True
    thaw: asyncio.Event = field(default_factory=asyncio.Event)
    halted: asyncio.Event = field(default_factory=asyncio.Event)
    meeting: asyncio.Barrier | None = None
    busy: Counter[str] = field(default_factory=Counter)
    most_busy: int = 0

    async def post(self, claim: Claim) -> Delivery:
        self.posts.append((self.clock.at, claim))
        self.busy[claim.draft.channel] += 1
        assert self.busy[claim.draft.channel] == 1, "two posts to one channel at a time"
        self.most_busy = max(self.most_busy, self.busy.total())
        try:
            if self.meeting:
                await self.meeting.wait()
            return await self._post(claim, self.script.popleft() if self.script else "ok")
        finally:
            self.busy[claim.draft.channel] -= 1

    async def _post(self, claim: Claim, word: str) -> Delivery:
        match word:
            case "lost":
                return Unclear("broken connection")
            case "limited":
                return Declined("Slack asks to wait", wait=7)
            case "declined":
                return Declined("Slack says odd_error")
            case "shut":
                return Declined("the channel is archived: unarchive it", shut=True)
            case "killed":
                raise CrashedError
            case "frozen":
                self.busy[claim.draft.channel] -= 1
                self.halted.set()
                await self.thaw.wait()
                self.busy[claim.draft.channel] += 1
        ts = self._put(claim, timedelta(seconds=100 if word.startswith("late") else 0))
        if word == "crash":
            raise CrashedError
        return Unclear("time-out") if word in ("unclear", "late") else Posted(ts)

    def _put(self, claim: Claim, hidden: timedelta) -> str:
        newest = max((float(shown.ts) for shown in self.messages), default=0)
        ts = f"{max(self.clock(), newest + 0.0001):.6f}"
        ordinal = claim.entry.ordinal if claim.entry else 0
        self.messages.append(
            Shown(
                claim.draft.channel,
                claim.draft.key,
                ts,
                claim.thread_ts,
                self.clock.at + hidden,
                claim.repeat,
                ordinal,
            )
        )
        return ts

    async def update(self, outdated: Outdated) -> Delivery:
        self.edits.append(outdated)
        if self.edit_script:
            return self.edit_script.popleft()
        for place, shown in enumerate(self.messages):
            if (shown.channel, shown.ts) == (outdated.channel, outdated.ts):
                self.messages[place] = replace(shown, ordinal=outdated.entry.ordinal)
                return Posted(outdated.ts)
        return Declined("Slack says message_not_found", shut=True)

    async def edit(self, edit: Edit) -> Delivery:
        self.redrawn.append((self.clock.at, edit))
        if self.edit_script:
            return self.edit_script.popleft()
        if any((shown.channel, shown.ts) == (edit.channel, edit.ts) for shown in self.messages):
            return Posted(edit.ts)
        return Declined("Slack says message_not_found", shut=True)

    def shows(self, ts: str) -> Body | None:
        """What a message shows since its last edit; None where it was never edited."""
        return next((edit.body for _, edit in reversed(self.redrawn) if edit.ts == ts), None)

    async def find(self, channel: str, key: str, since: datetime, thread_ts: str) -> tuple[str, ...] | Unclear | None:
        self.finds.append((self.clock.at, key))
        if self.find_script:
            return self.find_script.popleft()
        if not self.may_look:
            return None
        return tuple(
            shown.ts
            for shown in self.messages
            if (shown.channel, shown.key, shown.thread_ts) == (channel, key, thread_ts)
            and float(shown.ts) >= since.timestamp()
            and shown.visible_at <= self.clock.at
        )

    async def delete(self, channel: str, ts: str) -> bool:
        if self.refused_deletes:
            self.refused_deletes -= 1
            return False
        self.messages = [shown for shown in self.messages if (shown.channel, shown.ts) != (channel, ts)]
        return True

    def keys(self, channel: str | None = None) -> list[str]:
        """The keys of all that is there, in the order in which it was posted."""
        return [shown.key for shown in self.messages if channel in (None, shown.channel)]
