"""People who link their accounts: a real store, login servers in memory, and a clock that is moved by hand."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.fernet import Fernet

from deploybot.domain.audit import AuditAsk, AuditEvent
from deploybot.domain.link import Link
from deploybot.domain.secret import Secret
from deploybot.service.alone import Around
from deploybot.service.credentials import LinkedCredentials, LinkingRules
from deploybot.service.linking import Linking
from deploybot.settings.model import StoreSettings
from deploybot.store.opening import Store, open_store
from tests.fake_accounts import FakeAccounts
from tests.fake_notifier import Clock

KEY = Secret(Fernet.generate_key().decode())
FAR = 1e10
_numbers = itertools.count()


@dataclass
class Replica:
    """One process of the bot."""

    store: Store
    servers: Mapping[str, FakeAccounts]
    clock: Clock
    rules: LinkingRules = field(default_factory=lambda: LinkingRules(on=True))

    def __post_init__(self) -> None:
        around = Around(lambda: self.clock.at, self.clock, lambda: f"id-{next(_numbers)}", _soon)
        links, leases, note = self.store.links, self.store.leases, self.store.actions.note
        self.linking = Linking(links, leases, self.servers, note, self.rules, around)
        self.credentials = LinkedCredentials(links, leases, self.servers, self.rules, around)

    async def link(self, user: str = "U1", user_name: str = "alice", foundation: str = "eu") -> Link:
        self.servers[foundation].codes["c0de"] = user_name
        return await self.linking.link(user, "C1", foundation, Secret("c0de"), FAR)

    async def token(self, user: str = "U1", foundation: str = "eu") -> str:
        credential = await self.credentials.of(user, foundation, self.clock() + 60)
        return credential.token.reveal() if credential.token else ""

    async def stored(self, user: str = "U1", foundation: str = "eu") -> Link:
        (link,) = [one for one in await self.store.links.of(user) if one.foundation == foundation]
        return link

    async def recorded(self) -> list[AuditEvent]:
        _, events = await self.store.actions.audit(AuditAsk(), 0, 100)
        return list(events)


async def _soon(_: float) -> None:
    await asyncio.sleep(0.01)


@asynccontextmanager
async def replica(
    directory: Path, *servers: FakeAccounts, clock: Clock | None = None, rules: LinkingRules | None = None
) -> AsyncIterator[Replica]:
    named = {server.name: server for server in servers or (FakeAccounts(),)}
    async with open_store(StoreSettings(data_dir=directory), link_keys=[KEY]) as store:
        yield Replica(store, named, clock or Clock(), rules or LinkingRules(on=True))
