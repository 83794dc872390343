"""Acting over a simulated foundation, with its real HTTP and its real roles, and a real store."""

import itertools
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec

from deploybot.cf.actions import CloudFoundryActions
from deploybot.cf.auth import Login
from deploybot.cf.client import Asked, Site, Surroundings
from deploybot.cf.foundation import CloudFoundry
from deploybot.demo.foundation.actions import with_status
from deploybot.demo.foundation.entities import Deployment
from deploybot.demo.foundation.faults import Faults
from deploybot.demo.foundation.serving import Served, serve
from deploybot.domain.access import Right, Rule, Where
from deploybot.domain.acting import Action, Bound, Credential, Stand
from deploybot.domain.audit import AuditAsk, AuditEvent
from deploybot.domain.outcome import OutcomeRules
from deploybot.domain.ports import Checkpoint
from deploybot.service.acting import Acting, Approves, Result
from deploybot.service.admitting import Admission
from deploybot.service.aftermath import Aftermath
from deploybot.service.listing import Listing
from deploybot.service.recording import Record
from deploybot.service.requesting import Sending
from deploybot.settings.model import StoreSettings
from deploybot.store.opening import Store, open_store
from tests.cf.making import AT_ONCE
from tests.fake_credentials import FakeCredentials
from tests.fake_directory import FakeDirectory

HERE = Where("C1")
RULE = Rule("the rule of tests", ("members",), frozenset({Right.READ, Right.CONTINUE, Right.CANCEL}))
BOT = Credential("the bot's own account", "deploybot")
SECRET = "deploybot-demo-secret"
PEOPLE = ("alice", "bob", "carol", "dave", "erin", "admin")
STATES = {
    "rolling": ("DEPLOYING", "ACTIVE", "DEPLOYING"),
    "on the way": ("PREPAUSED", "ACTIVE", "DEPLOYING"),
    "paused": ("PAUSED", "ACTIVE", "PAUSED"),
    "canceling": ("CANCELING", "ACTIVE", "CANCELING"),
    "deployed": ("DEPLOYED", "FINALIZED", "DEPLOYED"),
    "canceled": ("CANCELED", "FINALIZED", "CANCELED"),
    "superseded": ("CANCELED", "FINALIZED", "SUPERSEDED"),
}


@dataclass
class House:
    """A foundation with nobody in it but those whom the test has, and bots that share a database."""

    served: Served
    data_dir: Path
    stack: AsyncExitStack
    asked: list[Asked] = field(default_factory=list)
    hurried: list[str] = field(default_factory=list)
    passed: list[str] = field(default_factory=list)
    tokens: dict[str, str] = field(default_factory=dict)
    directory: FakeDirectory = field(default_factory=FakeDirectory)
    _numbers: Any = field(default_factory=itertools.count)

    def deployment(self, state: str = "paused", *, step: int | None = 1, org: str = "payments-eu") -> Deployment:
        """A canary of four steps in production that is in one of STATES, as if the updater had just got there."""
        world, simulation = self.served.foundation.world, self.served.foundation.simulation
        there = next(one for one in world.spaces if one.name == "production" and self._org(one.guid) == org)
        busy = {one.app_guid for one in world.active_deployments()}
        app = next(one for one in world.apps.where("space_guid", there.guid) if one.guid not in busy)
        starter = next(one for one in simulation.people if one.user_name == "alice")
        begun = simulation.roll_out(app.guid, "canary", starter, max_in_flight=1)
        with_steps = msgspec.structs.replace(begun, canary_steps=(20, 60, 80, 100), canary_current_step=step)
        return self.put(with_steps, state)

    def roles(self, user_name: str, deployment: Deployment) -> set[str]:
        """What somebody is where a deployment is: roles in its space and org, and admin by scope."""
        person = next(one for one in self.served.foundation.simulation.people if one.user_name == user_name)
        org = self.served.foundation.world.organization_of(deployment.space_guid).guid
        places = (*person.space_roles, *person.organization_roles)
        here = {role for role, place in places if place in (deployment.space_guid, org)}
        return here | (set(person.scopes) & {"cloud_controller.admin"})

    def _org(self, space_guid: str) -> str:
        return str(self.served.foundation.world.organization_of(space_guid).name)

    def put(self, deployment: Deployment, state: str, **changes: Any) -> Deployment:
        now = self.served.foundation.clock.now()
        moved = msgspec.structs.replace(with_status(deployment, *STATES[state], now), **changes)
        self.served.foundation.world.apply([moved])
        return moved

    def by_cli(self, guid: str, action: str, user_name: str = "alice") -> None:
        """Somebody does it past the bot."""
        simulation = self.served.foundation.simulation
        actor = next(one for one in simulation.people if one.user_name == user_name)
        simulation.act(self.now(guid), action, actor)

    def now(self, guid: str) -> Deployment:
        return self.served.foundation.world.deployments[guid]

    def done(self, guid: str) -> list[str]:
        """What Cloud Foundry itself recorded: actions that it did, in order."""
        events = self.served.foundation.world.audit_events
        kinds = ("audit.app.deployment.cancel", "audit.app.deployment.continue")
        return [
            f"{one.type.rpartition('.')[2]} by {one.actor[0]}"
            for one in events
            if one.type in kinds and one.data["deployment_guid"] == guid
        ]

    @property
    def posts(self) -> int:
        """Actions that were sent."""
        return sum(one.method == "POST" and "/actions/" in one.path for one in self.asked)

    def trouble(self, **faults: Any) -> None:
        self.served.foundation.faults = Faults(**faults)

    async def token(self, user_name: str, scope: str | None = None) -> str:
        """A person's access token, as the UAA writes it."""
        form = {"grant_type": "password", "username": user_name, "password": user_name}
        form |= {"scope": scope} if scope else {}
        async with httpx.AsyncClient(trust_env=False) as http:
            answer = await http.post(
                f"{self.served.foundation.at.uaa}/oauth/token", data=form, auth=httpx.BasicAuth("cf", "")
            )
        return str(answer.json()["access_token"])

    async def log_in(self, *people: str) -> None:
        """Slack users are called by their user names here, with a U in front."""
        for name in people:
            self.tokens[f"U{name}"] = await self.token(name)

    async def bot(
        self, rules: Sequence[Rule] = (RULE,), approves: Approves | None = None, checkpoint: Any = None
    ) -> "Bot":
        """One more process of the bot, over the same database."""
        return await self.stack.enter_async_context(
            bot_over(
                self.served.url,
                self.data_dir,
                self.tokens,
                rules=rules,
                approves=approves,
                directory=self.directory,
                new_id=lambda: f"id-{next(self._numbers)}",
                watch=self.asked.append,
                hurry=self.hurried.append,
                checkpoint=checkpoint or self.passed.append,
            )
        )


@dataclass
class Bot:
    acting: Acting
    store: Store
    credentials: FakeCredentials

    async def confirm(
        self, bound: Bound, user: str = "Ualice", confirmation: str = "V1", where: Where = HERE, seconds: float = 20
    ) -> Result:
        return await self.acting.confirm(bound, confirmation, user, where, now(), time.monotonic() + seconds)

    async def record(self) -> list[AuditEvent]:
        """Oldest first."""
        return [event async for batch in self.store.actions.audit_all(AuditAsk()) for event in batch]


@asynccontextmanager
async def bot_over(
    url: str,
    data_dir: Path,
    tokens: dict[str, str],
    *,
    new_id: Callable[[], str],
    checkpoint: Checkpoint,
    rules: Sequence[Rule] = (RULE,),
    approves: Approves | None = None,
    directory: FakeDirectory | None = None,
    watch: Callable[[Asked], None] | None = None,
    hurry: Callable[[str], object] = str,
) -> AsyncIterator[Bot]:
    """What acts in one process of the bot, over the foundation at this address and the database in this directory."""
    foundation = CloudFoundry(
        Site("eu", url, Login(client_id="deploybot", client_secret=SECRET)), AT_ONCE, Surroundings(watch=watch)
    )
    listing = Listing((foundation,), time.monotonic, OutcomeRules())
    accounts = {user: (f"user-{user[1:]}", f"{user[1:]}@example.com") for user in tokens}
    credentials = FakeCredentials(accounts, tokens=tokens)
    async with open_store(StoreSettings(data_dir=data_dir)) as store, aclosing(foundation):
        record = Record(store.actions, new_id)
        admission = Admission(listing, tuple(rules), directory or FakeDirectory(), credentials, {"eu": BOT}, record)
        sending = Sending(
            log=store.actions,
            outbox=store.outbox,
            actions={"eu": CloudFoundryActions(foundation.client)},
            aftermath=Aftermath(listing, pauses=(0.01, 0.02)),
            new_id=new_id,
            monotonic=time.monotonic,
            hurry=hurry,
            checkpoint=checkpoint,
        )
        yield Bot(Acting(admission, sending, approves), store, credentials)


class CrashError(BaseException):
    """The end of a process, as far as a test in the same one can have it."""


def crash(at: str) -> Callable[[str], None]:
    """A checkpoint at which the process ends."""

    def checkpoint(passed: str) -> None:
        if passed == at:
            raise CrashError

    return checkpoint


def now() -> datetime:
    return datetime.now(UTC)


def later(seconds: float) -> datetime:
    return now() + timedelta(seconds=seconds)


def bound(deployment: Deployment, action: Action = Action.CONTINUE) -> Bound:
    """What a button drawn at this moment is bound to."""
    stand = Stand(deployment.status_value, deployment.status_reason or "", deployment.canary_current_step)
    return Bound(action=action, foundation="eu", guid=deployment.guid, stand=stand)


@asynccontextmanager
async def house(data_dir: Path) -> AsyncIterator[House]:
    async with (
        AsyncExitStack() as stack,
        serve("calm", control_token="control", ticking=False) as served,
    ):
        yield House(served, data_dir, stack)
