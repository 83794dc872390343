"""Whose token somebody acts with: their own, renewed by their link when it ends, or the bot's where that is configured.

A refresh token may be rotated, so that each works once: it is used under a lock across all replicas, to the end even
where nobody waits for that any more, and what comes of it is stored before anybody gets it.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from deploybot.domain.acting import Credential
from deploybot.domain.link import Grant, Link, NotLinkedError, admin_scopes
from deploybot.domain.ports import Accounts, PasscodeRefusedError
from deploybot.domain.secret import Secret
from deploybot.domain.storage import Leases
from deploybot.domain.storage_acting import Links
from deploybot.errors import UpstreamError, UserError
from deploybot.service.alone import Around, alone

log = structlog.get_logger(__name__)

MARGIN = 60.0
"""Seconds before its end from which an access token counts as over; a tenth of its life where that is less."""
LOGIN_SECONDS = 12.0
"""For what the login server is asked under the lock."""
OFF = "Linking is off: ask the people who run me to set DEPLOYBOT_LINK_KEYS, so that you can use your own account."
NO_ROOM = "its login server is being asked about your account already; try again in a moment"
BOT_ACCOUNT = "the bot's own account"


@dataclass(frozen=True, slots=True)
class LinkingRules:
    """`on`: there is a key. `as_bot` are the foundations where the bot's own credential acts, whoever clicks."""

    on: bool
    allow_admin: bool = False
    as_bot: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Kept:
    """An access token; `over_at` is on the monotonic clock, `linked_at` tells which link it is of."""

    credential: Credential
    linked_at: datetime
    over_at: float


class LinkedCredentials:
    """The port `Credentials`. Access tokens are kept in memory only, and no longer than they are good for something."""

    def __init__(
        self, links: Links, leases: Leases, accounts: Mapping[str, Accounts], rules: LinkingRules, around: Around
    ) -> None:
        self._links = links
        self._leases = leases
        self._accounts = accounts
        self._rules = rules
        self._around = around
        self._kept: dict[tuple[str, str], _Kept] = {}
        self._renewals: dict[tuple[str, str], asyncio.Task[Credential]] = {}

    async def of(self, user: str, foundation: str, until: float) -> Credential:
        """The person's own where the foundation wants that, else the bot's; UserError where there is none."""
        if foundation in self._rules.as_bot:
            return Credential(BOT_ACCOUNT, "", None)
        if not self._rules.on:
            raise UserError(OFF)
        link = await self._usable(user, foundation)
        return self._still_good(link) or await self._renewed(link, until)

    async def account(self, user: str, foundation: str) -> tuple[str, str] | None:
        """Guid and name of the account that a person is linked with, as stored; None without a usable link."""
        link = await self._links.one(user, foundation)
        return None if link is None or link.broken else (link.account_guid, link.account)

    def reject(self, credential: Credential) -> None:
        """The foundation refused this token: the next one is a new one."""
        for key, kept in list(self._kept.items()):
            if kept.credential.token == credential.token:
                del self._kept[key]

    def _still_good(self, link: Link) -> Credential | None:
        kept = self._kept.get((link.user, link.foundation))
        good = kept and kept.linked_at == link.linked_at and self._around.monotonic() < kept.over_at
        return kept.credential if kept and good else None

    async def _usable(self, user: str, foundation: str) -> Link:
        link = next((one for one in await self._links.of(user) if one.foundation == foundation), None)
        if link is None or link.broken:
            self._kept.pop((user, foundation), None)
        if link is None:
            raise NotLinkedError(foundation)
        if link.broken:
            raise UserError(_broken(link, link.broken))
        return link

    async def _renewed(self, link: Link, until: float) -> Credential:
        """One renewal for all who wait here. It goes on when they give up: a rotated token must not get lost."""
        key = (link.user, link.foundation)
        if key not in self._renewals:
            renewal = self._renewals[key] = asyncio.create_task(self._renewal(link.user, link.foundation))
            renewal.add_done_callback(lambda done: self._over(key, done))
        try:
            async with asyncio.timeout(until - self._around.monotonic()):
                return await asyncio.shield(self._renewals[key])
        except TimeoutError as error:
            raise UpstreamError(link.foundation, "its login server did not answer in time") from error

    def _over(self, key: tuple[str, str], renewal: "asyncio.Task[Credential]") -> None:
        del self._renewals[key]
        if not renewal.cancelled():
            renewal.exception()  # looked at, so that a failure nobody waits for any more is no warning

    async def _renewal(self, user: str, foundation: str) -> Credential:
        around = self._around
        try:
            async with alone(self._leases, lock_of(user, foundation), around, around.monotonic() + LOGIN_SECONDS):
                link = await self._usable(user, foundation)
                return self._still_good(link) or await self._by_refresh_token(link)
        except TimeoutError as error:
            raise UpstreamError(foundation, NO_ROOM) from error

    async def _by_refresh_token(self, link: Link) -> Credential:
        server = self._accounts[link.foundation]
        try:
            grant = await server.renew(link.refresh, self._around.monotonic() + LOGIN_SECONDS)
        except PasscodeRefusedError as refusal:
            raise await self._break(link, str(refusal)) from refusal
        if objection := objection_to(grant, self._rules) or _of_another(grant, link):
            await revoke(server, grant.refresh, self._around.monotonic() + LOGIN_SECONDS)
            raise await self._break(link, objection)
        renewed = replace(link, refresh=grant.refresh, scopes=grant.scopes, used_at=self._around.now())
        if not await self._links.replace(link, renewed):
            raise UserError(f"Your link with {link.foundation} was changed at this moment: try again.")
        return self._keep(link, grant)

    def _keep(self, link: Link, grant: Grant) -> Credential:
        credential = Credential(link.account, link.account_guid, grant.access)
        now = self._around.monotonic()
        over_at = now + grant.expires_in - min(MARGIN, grant.expires_in / 10)
        self._kept = {key: kept for key, kept in self._kept.items() if now < kept.over_at}
        self._kept[link.user, link.foundation] = _Kept(credential, link.linked_at, over_at)
        return credential

    async def _break(self, link: Link, why: str) -> UserError:
        """Note that a link can't be used any more, for whoami and the next try; the sentence to raise."""
        log.info("link broken", foundation=link.foundation, user=link.user, reason=why)
        await self._links.replace(link, replace(link, refresh=Secret(""), broken=why))
        return UserError(_broken(link, why))


def lock_of(user: str, foundation: str) -> str:
    """The name of the lease under which a link's refresh token is used."""
    return f"link:{foundation}:{user}"


def objection_to(grant: Grant, rules: LinkingRules) -> str:
    """Why a grant is more than is wanted, "" where it is not."""
    admin = admin_scopes(grant.scopes)
    return (
        f"it carries {' and '.join(admin)}, which links must not have here" if admin and not rules.allow_admin else ""
    )


async def revoke(server: Accounts, refresh: Secret, until: float) -> bool:
    """Have the login server forget a token, as well as that goes; whether it did."""
    try:
        return await server.revoke(refresh, until)
    except UpstreamError as problem:
        log.warning("token not revoked", foundation=problem.foundation, reason=problem.reason)
        return False


def _of_another(grant: Grant, link: Link) -> str:
    return "" if grant.account_guid == link.account_guid else "the login server says that it is somebody else's"


def _broken(link: Link, why: str) -> str:
    return (
        f"Your link with {link.foundation} ({link.account}) does not work any more: {why}. "
        f"Link again with /deployments link {link.foundation}."
    )
