"""Replicas of the bot that are killed, frozen and let go while people act, and what came of it everywhere.

The foundation is at rest: nothing moves there but by what people do.
"""

import asyncio
import json
import signal
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from cryptography.fernet import Fernet

from deploybot.demo.foundation.entities import Deployment
from deploybot.demo.foundation.faults import Faults
from deploybot.domain.approval import Approval
from deploybot.domain.audit import AuditEvent
from deploybot.ops.failpoints import VARIABLE
from deploybot.slack.manifest import manifest
from deploybot.store.columns import Codec
from tests.e2e.crashes import end, is_halted, rows_of
from tests.e2e.stage import OPEN, Bot, Stage, free_port, listening, stage, start, text_of
from tests.workspace_client import SIGNING_SECRET, JsonObject

Found = TypeVar("Found")

RULES = (
    OPEN
    + """
[[access.rules]]
name = "deployers"
who = ["U0ALICE001", "U0BOB00001"]
where = "C0CHECKOUT"
may = ["continue", "cancel"]
"""
)
QUICK = {
    "DEPLOYBOT_LINK_KEYS": Fernet.generate_key().decode(),
    "DEPLOYBOT_POLL_INTERVAL": "0.5s",
    "DEPLOYBOT_LEASE": "2s",
    "DEPLOYBOT_SEND_TIMEOUT": "2s",
    "DEPLOYBOT_SETTLE_AFTER": "1s",
    "DEPLOYBOT_MESSAGES_PER_MINUTE": "60",
    "DEPLOYBOT_ACT_TIMEOUT": "2s",
    "DEPLOYBOT_ACT_SETTLE_AFTER": "2s",
    "DEPLOYBOT_ACT_AGAIN_AFTER": "1s",
}
"""Everything as in life, only quicker."""
UNHURRIED = {"DEPLOYBOT_ACT_SETTLE_AFTER": "45s"}
"""Where nobody is killed: else others might take somebody for dead who only looks what became of it."""
PATIENCE = 30.0
_EVENTS, _APPROVALS = Codec(AuditEvent), Codec(Approval)


@dataclass(frozen=True)
class Replica:
    """A process; `request_url` is where Slack reaches it."""

    bot: Bot
    request_url: str

    async def killed_itself(self) -> None:
        """Wait until it has passed its failpoint."""
        code = await asyncio.wait_for(self.bot.process.wait(), PATIENCE)
        assert code == -signal.SIGKILL, self.bot.logged()[-3000:]

    def is_halted(self) -> bool:
        return is_halted(self.bot)

    def thaw(self) -> None:
        self.bot.process.send_signal(signal.SIGCONT)


@dataclass
class Replicas:
    """Both stand-ins, a database, replicas, and what people do."""

    on: Stage
    database_url: str = ""
    all: list[Replica] = field(default_factory=list)

    async def start(self, failpoint: str = "", **more: str) -> Replica:
        """One more, which Slack talks to from now on; it may be set to die or halt at a failpoint."""
        port = free_port()
        given = {**QUICK, "SLACK_SIGNING_SECRET": SIGNING_SECRET, "DEPLOYBOT_HTTP_PORT": str(port), **more}
        given |= {"DATABASE_URL": self.database_url} if self.database_url else {}
        given |= {VARIABLE: failpoint} if failpoint else {}
        log = self.on.tmp / f"bot-{len(self.all) + 1}.log"
        bot = await start("run", "--http", environment=self.on.environment(**given), log=log)
        replica = Replica(bot, f"http://127.0.0.1:{port}/slack/events")
        self.all.append(replica)
        await listening(port)
        await self.talk_to(replica)
        return replica

    async def talk_to(self, replica: Replica) -> None:
        """Have Slack deliver all to this one."""
        await self.on.slack.post("delivery", request_url=replica.request_url)

    async def until(self, look: Callable[[], Awaitable[Found | None]], what: str) -> Found:
        """What is found, as soon as it is."""
        seconds = 0.0
        while (found := await look()) is None:
            assert seconds < PATIENCE, f"waited {PATIENCE} s for {what}:\n{self.all[-1].bot.logged()[-3000:]}"
            await asyncio.sleep(0.1)
            seconds += 0.1
        return found

    async def holds(self, holds: Callable[[], bool], what: str) -> None:
        """Wait until something is so."""

        async def look() -> bool | None:
            return holds() or None

        await self.until(look, what)

    # what people do

    async def linked(self, *people: str) -> None:
        """Link the accounts of the same names by the form, as people do."""
        slack = self.on.slack
        for person in people:
            await slack.command(person, "#checkout", "/deployments link")
            form = await slack.wait_for_view(person, lambda view: "code_1" in json.dumps(view))
            code = self.on.foundation.foundation.uaa.passcode_for(person)
            await slack.click(person, form, "value", code, block_id="code_1")
            await slack.submit(person)
            await slack.wait_for_view(person, lambda view: "You are linked" in text_of(view))
            await slack.close(person)

    async def proposed(self, person: str, row: Deployment, action: str = "continue") -> JsonObject:
        """The form that asks once more."""
        await self.on.slack.command(person, "#checkout", f"/deployments {action} {row.guid}")
        return await self.on.slack.wait_for_view(person, lambda view: bool(view.get("submit")))

    async def sent(self, person: str) -> None:
        await self.on.slack.submit(person)

    async def result(self, person: str) -> str:
        """What the form says in the end."""
        view = await self.on.slack.wait_for_view(
            person, lambda shown: not shown.get("submit") and "Sending" not in text_of(shown)
        )
        return text_of(view)

    async def told(self, person: str, words: str, where: str = "@deploybot") -> str:
        """A message, by default in the person's direct messages."""
        return text_of(await self.on.slack.wait_for_message(person, where, lambda one: words in text_of(one)))

    async def told_alone(self, person: str) -> list[str]:
        """All direct messages of the bot."""
        return [text_of(one) for one in await self.on.slack.messages(person, "@deploybot") if "bot_id" in one]

    # what came of it

    def canary(self) -> Deployment:
        """One that waits at a step where alice and bob may deploy."""
        foundation = self.on.foundation.foundation
        people = [account.person for name in ("alice", "bob") if (account := foundation.uaa.accounts.named(name))]
        return next(
            row
            for row in foundation.world.deployments
            if (row.state, row.status_value) == ("PAUSED", "ACTIVE")
            and row.canary_steps
            and row.canary_current_step is not None
            and set(people) <= set(foundation.simulation.deployers(row.space_guid))
        )

    def now(self, row: Deployment) -> Deployment:
        return self.on.foundation.foundation.world.deployments[row.guid]

    def heard(self, row: Deployment) -> list[str]:
        """Every request to act that reached the foundation, done or refused."""
        return [path.rpartition("/")[2] for path in self.on.foundation.foundation.heard if row.guid in path]

    def trouble(self, **faults: Any) -> None:
        self.on.foundation.foundation.faults = Faults(**faults)

    def record(self, row: Deployment) -> list[str]:
        """`continue begun`, ... of a deployment, in their order."""
        with self._rows() as rows:
            events = [_EVENTS.value(one.body) for one in rows.all("SELECT body FROM audit ORDER BY number")]
        return [f"{one.kind} {one.outcome}" for one in events if one.guid == row.guid]

    def approvals(self) -> list[Approval]:
        with self._rows() as rows:
            return [_APPROVALS.value(one.body) for one in rows.all("SELECT body FROM approvals")]

    def messages(self, prefix: str) -> Counter[str]:
        """How often each key of what was sent is in the outbox."""
        with self._rows() as rows:
            return Counter(key for key in rows.message_keys() if key.startswith(prefix))

    def _rows(self) -> Any:
        return rows_of(self.database_url, self.on.tmp / "data")


@asynccontextmanager
async def replicas(tmp: Path, database_url: str = "", rules: str = RULES) -> AsyncIterator[Replicas]:
    """Nobody at work yet; every process that still runs is ended afterwards."""
    async with stage(tmp, manifest=manifest()) as on:
        on.rules = rules
        on.slack.patience = PATIENCE
        there = Replicas(on, database_url)
        try:
            yield there
        finally:
            await end([one.bot for one in there.all])
