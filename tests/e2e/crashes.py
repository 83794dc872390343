"""A bot that is killed, frozen and started anew while rollouts go on, and the count of what it told afterwards.

What must hold once things have settled: every rollout of the simulated foundation is in the ledger with its true end,
every transition in the ledger was announced, each by one message, and each message is in Slack exactly once.
"""

import asyncio
import os
import random
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
from pydantic import SecretStr
from sqlalchemy import Connection, Engine, create_engine, text

from deploybot.demo.foundation.clock import Clock
from deploybot.demo.foundation.faults import Faults
from deploybot.demo.foundation.serving import Served, serve
from deploybot.domain.ledger import Kind
from deploybot.domain.subscription import Subscription, SubscriptionKind
from deploybot.ops.failpoints import VARIABLE
from deploybot.settings.model import StoreSettings
from deploybot.store.opening import open_store
from tests.e2e.rollouts import Rollouts
from tests.e2e.stage import CF_SECRET, Bot, configured, start
from tests.workspace_client import APP_TOKEN, BOT_TOKEN, SlackClient, served_workspace

WORKING_PART = 0.8
"""Of the random kills. Counted from the start instead, half of them hit a bot that only began to import."""
CHANNEL = "#checkout"
SPEED = 25
EVENTS = tuple(kind for kind in Kind)
SHOWN_LINES = 12
KILLED_SECONDS = 30
STILL_SECONDS = 60
"""So long nothing may come of what is waited for. There is no limit for all that was left to tell: fifty kills leave up
to 90 messages behind, and a channel takes one a second. What may hold up all of a channel is much less than this: a bot
takes a second to start, a lease two to end, a claim four, an unclear message three, the claim of a digest twelve. The
rest is for machines with so much else to do that a start takes a quarter of a minute."""


@dataclass
class Theatre:
    """The stand-ins, a database, and bots that come and go."""

    slack: SlackClient
    foundation: Served
    rollouts: Rollouts
    tmp: Path
    database_url: str
    channel: str = ""
    starts: int = 0
    bots: list[Bot] = field(default_factory=list)

    def environment(self, **more: str) -> dict[str, str]:
        """Everything as in life, only quicker."""
        return {
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_APP_TOKEN": APP_TOKEN,
            "SLACK_API_URL": self.slack.api_url,
            "CF_API": self.foundation.url,
            "CF_CLIENT_ID": "deploybot",
            "CF_CLIENT_SECRET": CF_SECRET,
            "DEPLOYBOT_DATA_DIR": str(self.tmp),
            "DEPLOYBOT_CONFIG": str(configured(self.tmp)),
            **({"DATABASE_URL": self.database_url} if self.database_url else {}),
            "DEPLOYBOT_STALL_AFTER": "2s",
            "DEPLOYBOT_POLL_INTERVAL": "0.3s",
            "DEPLOYBOT_LEASE": "2s",
            "DEPLOYBOT_SEND_TIMEOUT": "2s",
            "DEPLOYBOT_SETTLE_AFTER": "1s",
            "DEPLOYBOT_MESSAGES_PER_MINUTE": "60",
            "DEPLOYBOT_EDITS_PER_MINUTE": "1000",
            **more,
        }

    async def start(self, failpoint: str = "", **more: str) -> Bot:
        """A bot, which may be set to die or halt at a failpoint."""
        self.starts += 1
        environment = self.environment(**more) | ({VARIABLE: failpoint} if failpoint else {})
        bot = await start("run", environment=environment, log=self.tmp / f"bot-{self.starts}.log")
        self.bots.append(bot)
        return bot

    async def killed_at(self, failpoint: str, *, begin: bool = True) -> None:
        """Start a bot, with a rollout to notice, and let it run until it has killed itself there."""
        if begin:
            self.rollouts.begin(1, ("canary",))
        bot = await self.start(failpoint)
        try:
            code = await asyncio.wait_for(bot.process.wait(), KILLED_SECONDS)
        except TimeoutError:
            raise AssertionError(f"{failpoint} was not passed within {KILLED_SECONDS} s:\n{bot.logged()}") from None
        assert code == -signal.SIGKILL, f"{failpoint}: ended with {code}\n{bot.logged()}"

    async def digest_due(self) -> None:
        """A digest of the last hour, due right now, that is posted even where nothing happened."""
        self.channel = await self._channel_id()
        now = datetime.now(UTC)
        await self._add(
            Subscription(
                id="hourly",
                channel=self.channel,
                made_by="U1",
                made_at=now - timedelta(hours=2),
                kind=SubscriptionKind.DIGEST,
                schedule="every=1h",
                proof=True,
                next_due=now - timedelta(seconds=1),
                covered_until=now - timedelta(hours=1),
            )
        )

    async def subscribe(self, *, on: Sequence[Kind] = EVENTS, mention: str = "") -> None:
        """The channel wants to know this as it happens, and nothing else."""
        self.channel = await self._channel_id()
        await self._add(
            Subscription(
                id="all",
                channel=self.channel,
                made_by="U1",
                made_at=datetime.now(UTC),
                kind=SubscriptionKind.ALERT,
                on=tuple(on),
                mention=mention,
            )
        )

    async def _add(self, subscription: Subscription) -> None:
        url = SecretStr(self.database_url) if self.database_url else None
        async with open_store(StoreSettings(database_url=url, data_dir=self.tmp), timedelta(seconds=3)) as store:
            await store.subscriptions.remove(subscription.id)
            await store.subscriptions.add(subscription)

    async def ready(self, bot: Bot) -> None:
        """Wait until a bot has started and begins to work."""
        await self._until(lambda _: "] ready " in bot.logged(), "a bot to be ready")

    async def seen_first(self) -> None:
        """Wait for the first poll, before which everything is old."""
        await self._until(
            lambda rows: rows.one("SELECT count(*) FROM polls WHERE polled_at IS NOT NULL") == 1, "a poll"
        )

    async def seen_first_or_stopped(self, bot: Bot) -> None:
        """Wait for the first poll, unless the bot has halted before."""
        await self._until(
            lambda rows: is_halted(bot) or rows.one("SELECT count(*) FROM polls WHERE polled_at IS NOT NULL") == 1,
            "a poll",
        )

    async def stopped(self, bot: Bot) -> None:
        """Wait until the bot has halted itself at its failpoint."""
        await self._until(lambda _: is_halted(bot), "the bot to halt")

    async def digests_sent(self, count: int) -> None:
        """Wait for so many digests in Slack; the next one comes in an hour."""
        query = "SELECT count(*) FROM messages WHERE key LIKE 'digest:%' AND sent_at IS NOT NULL"
        await self._until(lambda rows: rows.one(query) == count, f"{count} digests")

    async def settled(self, still: float = STILL_SECONDS) -> None:
        """Wait until all that truly happened is in the ledger, told, and beyond doubt.

        So long as some of that comes about every `still` seconds.
        """
        ends = self.rollouts.ends()
        assert "None" not in ends.values()

        def is_settled(rows: "Rows") -> bool:
            return rows.closed() >= set(ends) and not (rows.untold() or rows.unsent() or rows.doubtful())

        def left(rows: "Rows") -> str:
            return rows.unfinished(set(ends))

        await self._until(is_settled, "everything told", left, seconds=still, done=Rows.done)

    async def _until(
        self,
        holds: "Callable[[Rows], bool]",
        what: str,
        left: "Callable[[Rows], str]" = lambda _: "",
        *,
        seconds: float = STILL_SECONDS,
        done: "Callable[[Rows], int]" = lambda _: 0,
    ) -> None:
        """Wait for something, for so many seconds, and again so many whenever more is done than ever before."""
        with rows_of(self.database_url, self.tmp) as rows:
            most, until = done(rows), time.monotonic() + seconds
            while not holds(rows):
                assert self.bots[-1].process.returncode is None, self.bots[-1].logged()[-3000:]
                if (now := done(rows)) > most:
                    most, until = now, time.monotonic() + seconds
                if time.monotonic() > until:
                    told = "\n".join(_told_by(bot) for bot in self.bots[-2:])
                    raise AssertionError(f"waited {seconds} s for {what}: {left(rows)}\n{told}")
                await asyncio.sleep(0.1)

    async def foundation_in(self, trouble: Mapping[str, Any], seconds: float) -> None:
        """Let the foundation misbehave for so long."""
        self.foundation.foundation.faults = Faults(**trouble)
        await asyncio.sleep(seconds)  # the trouble lasts, whatever the bot does meanwhile
        self.foundation.foundation.faults = Faults()

    async def assert_told_once(self, on: Sequence[Kind] = EVENTS) -> None:
        """The count. What Slack shows is read through its own API, as any app would."""
        shown = Counter(await self.keys_shown())
        with rows_of(self.database_url, self.tmp) as rows:
            keys = rows.message_keys()
            told = rows.told()
            transitions = rows.transitions()
            ends = {guid: rows.reason(guid) for guid in self.rollouts.begun}
        assert shown == Counter(keys), _difference(shown, Counter(keys))
        assert {one for one in transitions if one[0] in self.rollouts.begun and one[2] in on} == set(told)
        assert len(told) == len(set(told))
        assert ends == self.rollouts.ends()
        for guid in self.rollouts.begun:
            ordinals = [ordinal for known, ordinal, _ in transitions if known == guid]
            kinds = [kind for known, _, kind in transitions if known == guid]
            assert sorted(ordinals) == list(range(1, len(ordinals) + 1))
            assert kinds.count("started") == 1
            assert sum(kind in {"succeeded", "canceled", "superseded"} for kind in kinds) <= 1

    async def shown(self) -> list[dict[str, Any]]:
        """Every message in the channel and its threads."""
        async with httpx.AsyncClient(base_url=self.slack.api_url, timeout=20, trust_env=False) as http:
            top = await self._pages(http, "conversations.history")
            threads = [one["ts"] for one in top if one.get("reply_count")]
            replies = [await self._pages(http, "conversations.replies", ts=ts) for ts in threads]
        messages = {one["ts"]: one for page in (top, *replies) for one in page}
        return list(messages.values())

    async def keys_shown(self) -> list[str]:
        """The keys of the bot's messages."""
        shown = await self.shown()
        return [one["metadata"]["event_payload"]["key"] for one in shown if "metadata" in one]

    async def _pages(self, http: httpx.AsyncClient, method: str, **more: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        cursor = ""
        for _ in range(50):
            asked = {"channel": self.channel, "include_all_metadata": "true", "limit": "200", "cursor": cursor, **more}
            answer = (await http.post(method, data=asked, headers={"Authorization": f"Bearer {BOT_TOKEN}"})).json()
            assert answer["ok"], answer
            found += answer["messages"]
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return found
        raise AssertionError("the history does not end")

    async def _channel_id(self) -> str:
        channels = (await self.slack.get("workspace"))["channels"]
        return next(str(one["id"]) for one in channels if one["name"] == CHANNEL.removeprefix("#"))


def _told_by(bot: Bot) -> str:
    """How a bot's log begins and ends, of tracebacks their last line only."""
    lines = [line for line in bot.logged().splitlines() if line and not line.startswith((" ", "Trace"))]
    left_out = len(lines) - 2 * SHOWN_LINES
    shown = [*lines[:SHOWN_LINES], f"... {left_out} lines ...", *lines[-SHOWN_LINES:]] if left_out > 0 else lines
    return "\n".join([f"{bot.log.name}:", *shown])


def is_halted(bot: Bot) -> bool:
    """The kernel's letter for a halted process."""
    return Path(f"/proc/{bot.process.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


def _difference(shown: Counter[str], kept: Counter[str]) -> str:
    return f"too often in Slack: {shown - kept}; missing there: {kept - shown}"


class Rows:
    """What the database holds, read past the bot's own queries."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def one(self, query: str, **values: Any) -> Any:
        return self._connection.execute(text(query), values).scalar()

    def all(self, query: str) -> list[Any]:
        return list(self._connection.execute(text(query)).all())

    def untold(self) -> int:
        return int(self.one("SELECT count(*) FROM announcements WHERE told_by IS NULL"))

    def unsent(self) -> int:
        return int(self.one("SELECT count(*) FROM messages WHERE sent_at IS NULL"))

    def doubtful(self) -> int:
        return int(self.one("SELECT count(*) FROM messages WHERE doubtful_at IS NOT NULL"))

    def done(self) -> int:
        """Grows with all that comes about: ends in the ledger, what is told, sent, and beyond doubt."""
        closed = int(self.one("SELECT count(*) FROM entries WHERE closed_at IS NOT NULL"))
        told = int(self.one("SELECT count(*) FROM announcements WHERE told_by IS NOT NULL"))
        sent = int(self.one("SELECT count(*) FROM messages WHERE sent_at IS NOT NULL"))
        return closed + told + 2 * sent - self.doubtful()

    def closed(self) -> set[str]:
        return {row.guid for row in self.all("SELECT guid FROM entries WHERE closed_at IS NOT NULL")}

    def unfinished(self, guids: set[str]) -> str:
        states = self.all("SELECT state, reason, key FROM messages WHERE sent_at IS NULL")
        return f"open {guids - self.closed()}, untold {self.untold()}, unsent {states}, doubtful {self.doubtful()}"

    def message_keys(self) -> list[str]:
        return [row.key for row in self.all("SELECT key FROM messages WHERE sent_at IS NOT NULL")]

    def told(self) -> list[tuple[str, int, str]]:
        """(guid, ordinal, kind) of every transition that a message in Slack tells."""
        joined = (
            "SELECT a.guid, a.ordinal, t.body FROM announcements a JOIN messages m ON m.id = a.told_by "
            "JOIN transitions t ON t.guid = a.guid AND t.ordinal = a.ordinal WHERE m.sent_at IS NOT NULL"
        )
        return [(row.guid, row.ordinal, _kind(row.body)) for row in self.all(joined)]

    def transitions(self) -> list[tuple[str, int, str]]:
        return [
            (row.guid, row.ordinal, _kind(row.body)) for row in self.all("SELECT guid, ordinal, body FROM transitions")
        ]

    def reason(self, guid: str) -> str:
        """The server's word for how it ended, as the ledger has it."""

        body = self.one("SELECT body FROM entries WHERE guid = :guid", guid=guid)
        return str(msgspec.json.decode(body)["reason"])


def _kind(body: str) -> str:

    return str(msgspec.json.decode(body)["kind"])


@contextmanager
def rows_of(database_url: str, folder: Path) -> Iterator[Rows]:
    engine: Engine = create_engine(
        database_url.replace("postgresql://", "postgresql+psycopg://")
        if database_url
        else f"sqlite:///{folder / 'deploybot.db'}",
        isolation_level="AUTOCOMMIT",
    )
    try:
        with engine.connect() as connection:
            yield Rows(connection)
    finally:
        engine.dispose()


@asynccontextmanager
async def theatre(tmp: Path, database_url: str = "", *, seed: int = 1, **workspace: Any) -> AsyncIterator[Theatre]:
    """Both stand-ins, a subscribed channel, nothing under way yet; every bot that still runs is ended afterwards."""
    async with (
        serve("busy", control_token="control", clock=Clock(speed=SPEED)) as foundation,
        served_workspace(**workspace) as slack,
    ):
        foundation.foundation.simulation.traffic_on = False
        house = Theatre(slack, foundation, Rollouts(foundation.foundation, seed), tmp, database_url)
        life = asyncio.create_task(house.rollouts.live())
        try:
            await house.subscribe()
            yield house
        finally:
            life.cancel()
            await end(house.bots)


async def end(bots: Sequence[Bot]) -> None:
    for bot in bots:
        if bot.process.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(bot.process.pid, signal.SIGKILL)
            await bot.process.wait()


async def random_kills(house: Theatre, count: int, seed: int) -> None:
    """Let bots run for a random while each, and kill them: most while they work, some while they start."""
    rng = random.Random(seed)
    for _ in range(count):
        house.rollouts.begin(1, rng.sample(("rolling", "canary", "failing"), 1))
        bot = await house.start()
        if rng.random() < WORKING_PART:
            await house.ready(bot)
        await asyncio.sleep(rng.uniform(0, 2))  # the moment of the kill is what is random here
        assert bot.process.returncode is None, bot.logged()
        bot.process.kill()
        await bot.process.wait()
