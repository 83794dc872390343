"""Laws of the outbox under two senders that crash, freeze and disagree about the time.

Whatever happens, a message is never in flight twice at once, none is lost or stays doubled, and threads keep their
order.
"""

import asyncio
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any, TypeVar

import pytest

from deploybot.domain.outgoing import Claim
from deploybot.settings.model import StoreSettings
from deploybot.store.opening import Store, open_store
from tests.store.making import at, notice, reply

T = TypeVar("T")

SETTLE = timedelta(seconds=70)
CLAIM = timedelta(seconds=30)
SKEW = 3.0
"""How far the two senders' clocks may be off, in seconds."""


@dataclass
class Send:
    """A send that has begun: whether Slack has it already, or would take it now."""

    claim: Claim
    began: datetime


@dataclass
class World:
    """What Slack shows, and what the senders have in hand."""

    second: float = 0
    numbers: int = 0
    channels: dict[str, str] = field(default_factory=dict)
    threads: dict[str, list[str]] = field(default_factory=dict)
    shown: dict[str, list[str]] = field(default_factory=dict)
    recorded: set[str] = field(default_factory=set)
    claims: list[Claim] = field(default_factory=list)
    sends: list[Send] = field(default_factory=list)

    def number(self) -> int:
        self.numbers += 1
        return self.numbers


@dataclass
class Stage:
    """An open store, in a loop of its own."""

    runner: asyncio.Runner
    store: Store


@pytest.fixture
def stage(settings: StoreSettings) -> Iterator[Stage]:
    with asyncio.Runner() as runner:
        opening = open_store(settings, SETTLE)
        store = runner.run(opening.__aenter__())
        yield Stage(runner, store)
        runner.run(opening.__aexit__(None, None, None))


class Senders:
    """Two senders are one, as far as the store knows: each claim has a token of its own."""

    def __init__(self, stage: Stage, seed: int) -> None:
        self.stage = stage
        self.random = Random(seed)
        self.world = World()

    def live(self, steps: int) -> None:
        """So many things happen, by chance."""
        happenings = {
            self.draft: 6,
            self.draft_reply: 8,
            self.time_goes_on: 12,
            self.claim: 20,
            self.go_on: 25,
            self.crash_with_a_claim: 2,
            self.slack_takes_it: 8,
            self.nobody_knows: 4,
            self.slack_declines: 2,
            self.crash_amid_a_send: 3,
        }
        for happens in self.random.choices(list(happenings), list(happenings.values()), k=steps):
            happens()

    # What happens to the outbox

    def draft(self) -> None:
        key, channel = f"m{self.world.number()}", self.random.choice(("C1", "C2"))
        assert self._run(self.stage.store.outbox.add(notice(key, channel), self._now()))
        self.world.channels[key] = channel
        self.world.threads[key] = []

    def draft_reply(self) -> None:
        """To one of the newest, whose own fate is still open."""
        for root in list(self.world.threads)[-self.random.randint(1, 3) :][:1]:
            key, channel = f"r{self.world.number()}", self.world.channels[root]
            assert self._run(self.stage.store.outbox.add(reply(key, root, channel), self._now()))
            self.world.channels[key] = channel
            self.world.threads[root].append(key)

    def time_goes_on(self) -> None:
        self.world.second += self.random.choice((0.5, 1, 10, 35, 80))

    def claim(self) -> None:
        now, token = self._now(), f"t{self.world.number()}"
        for one in self._run(self.stage.store.outbox.claim(now, now + CLAIM, token, 5)):
            self._check_claim(one, now)
            self.world.claims.append(one)

    # What a sender does with a claim

    def go_on(self) -> None:
        """Settle what is unclear; else begin to send."""
        for claim in self._taken(self.world.claims):
            now = self._now()
            if claim.attempts:
                self._settle(claim, now)
            elif self._run(self.stage.store.outbox.sending(claim, now)):
                self._check_send(claim, now)
                self.world.sends.append(Send(claim, now))

    def crash_with_a_claim(self) -> None:
        self._taken(self.world.claims)

    # What becomes of a send that has begun

    def slack_takes_it(self) -> None:
        for send in self._taken(self.world.sends):
            self._record(send.claim, self._shown(send.claim.draft.key), self._now())

    def nobody_knows(self) -> None:
        for send in self._taken(self.world.sends):
            if self.random.random() < 0.5:
                self._shown(send.claim.draft.key)
            now = self._now()
            self._run(self.stage.store.outbox.unclear(send.claim, "timed out", now))

    def slack_declines(self) -> None:
        for send in self._taken(self.world.sends):
            self._run(self.stage.store.outbox.later(send.claim, "429", self._now() + timedelta(seconds=5)))

    def crash_amid_a_send(self) -> None:
        for send in self._taken(self.world.sends):
            if self.random.random() < 0.5:
                self._shown(send.claim.draft.key)

    # The laws

    def _check_claim(self, claim: Claim, now: datetime) -> None:
        channel = claim.draft.channel
        live = [one for one in self.world.claims if one.draft.channel == channel and one.until > now]
        sending = [one for one in self.world.sends if one.claim.draft.channel == channel and one.claim.until > now]
        assert (live, sending) == ([], []), "a channel has one claim at a time"
        assert claim.draft.key not in self.world.recorded, "what was recorded is never claimed again"
        if claim.attempts:
            assert claim.attempted_at
            assert claim.attempted_at + SETTLE <= now, "nothing is settled before its time"

    def _check_send(self, claim: Claim, now: datetime) -> None:
        key = claim.draft.key
        unsettled = [one for one in self.world.sends if one.claim.draft.key == key and one.began > now - SETTLE]
        assert unsettled == [], "no message is in flight twice"
        if root := claim.draft.thread:
            before = self.world.threads[root][: self.world.threads[root].index(key)]
            assert {root, *before} <= self.world.recorded, "a reply comes after its root and the replies before it"
            assert claim.thread_ts == self.world.shown[root][0]

    def come_to_rest(self) -> None:
        """Crashes end, clocks agree: after a while each message is there exactly once."""
        self.world.claims.clear()
        self.world.sends.clear()
        for _ in range(3 * len(self.world.channels) + 3):
            self.world.second += 100
            self._claim_all_and_send()
            if self.world.recorded == self.world.channels.keys():
                break
        for doubt in self._run(self.stage.store.outbox.doubtful(at(self.world.second + 100), 1000)):
            self._delete_doubles(doubt)
        assert {key: len(shown) for key, shown in self.world.shown.items()} == dict.fromkeys(self.world.channels, 1)

    def _claim_all_and_send(self) -> None:
        now = at(self.world.second)
        for one in self._run(self.stage.store.outbox.claim(now, now + CLAIM, f"t{self.world.number()}", 100)):
            if one.attempts:
                self._settle(one, now)
            else:
                assert self._run(self.stage.store.outbox.sending(one, now))
                self._check_send(one, now)
                self._record(one, self._shown(one.draft.key), now)

    # How a sender does it

    def _run(self, call: Coroutine[Any, Any, T]) -> T:
        return self.stage.runner.run(call)

    def _now(self) -> datetime:
        """By the clock of whoever acts."""
        return at(self.world.second + round(self.random.uniform(-SKEW, SKEW), 6))

    def _taken(self, held: list[T]) -> list[T]:
        """One of these, no longer among them; none where there is none."""
        return [held.pop(self.random.randrange(len(held)))] if held else []

    def _shown(self, key: str) -> str:
        ts = f"{self.world.number()}.0"
        self.world.shown.setdefault(key, []).append(ts)
        return ts

    def _settle(self, claim: Claim, now: datetime) -> None:
        found = self.world.shown.get(claim.draft.key, [])
        if not found:
            self._run(self.stage.store.outbox.later(claim, "", now))
            return
        self._record(claim, found[0], now)
        del self.world.shown[claim.draft.key][1:]

    def _record(self, claim: Claim, ts: str, now: datetime) -> None:
        """Where another send was noted first, this one's message is deleted again."""
        first = self._run(self.stage.store.outbox.sent(claim, ts, now, now + timedelta(seconds=1)))
        self.world.recorded.add(claim.draft.key)
        if first is not None and ts in self.world.shown[claim.draft.key]:
            self.world.shown[claim.draft.key].remove(ts)

    def _delete_doubles(self, doubt: Claim) -> None:
        self.world.shown[doubt.draft.key] = [doubt.ts]
        self._run(self.stage.store.outbox.cleared(doubt.message, doubt.ts))


@pytest.mark.parametrize("seed", range(2))
def test_nothing_is_lost_or_doubled_and_threads_keep_their_order(stage: Stage, seed: int) -> None:
    senders = Senders(stage, seed)
    senders.live(400)
    senders.come_to_rest()
    assert len(senders.world.recorded) > 20
