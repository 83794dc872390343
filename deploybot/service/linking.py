"""People connect their own Cloud Foundry accounts by a one-time passcode, see what is linked, and unlink."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import structlog

from deploybot.domain.audit import AuditEvent, AuditKind, AuditOutcome
from deploybot.domain.link import Grant, Link, LoginServer
from deploybot.domain.near import nearest
from deploybot.domain.ports import Accounts, PasscodeRefusedError
from deploybot.domain.query import Query
from deploybot.domain.secret import Secret
from deploybot.domain.storage import Leases
from deploybot.domain.storage_acting import Links
from deploybot.domain.wildcard import matches
from deploybot.errors import UpstreamError, UserError
from deploybot.service.alone import Around, alone
from deploybot.service.credentials import LOGIN_SECONDS, NO_ROOM, OFF, LinkingRules, lock_of, objection_to, revoke
from deploybot.service.request_id import request_id

log = structlog.get_logger(__name__)

_ME = "me"
_WHO_IS_ME = "by=me needs your Cloud Foundry account: type /deployments link first, or write by=your-user-name."
_NOBODY_IS_ME = "by=me needs a linked Cloud Foundry account, and linking is off here: write by=your-user-name."


@dataclass(frozen=True, slots=True)
class Unlinked:
    """What was forgotten, and whether the login server revoked the token."""

    link: Link
    revoked: bool


@dataclass(frozen=True, slots=True)
class Account:
    """How somebody stands with one foundation. `as_bot`: actions are done there with the bot's own credential."""

    foundation: str
    link: Link | None
    as_bot: bool = False


class Linking:
    """The use cases. `note` puts an event on the record, for what changes no link."""

    def __init__(
        self,
        links: Links,
        leases: Leases,
        accounts: Mapping[str, Accounts],
        note: Callable[[AuditEvent], Awaitable[None]],
        rules: LinkingRules,
        around: Around,
    ) -> None:
        self._links = links
        self._leases = leases
        self._accounts = accounts
        self._note = note
        self._rules = rules
        self._around = around

    @property
    def foundations(self) -> tuple[str, ...]:
        return tuple(self._accounts)

    @property
    def is_on(self) -> bool:
        """Whether there is a key to keep links with."""
        return self._rules.on

    def chosen(self, named: tuple[str, ...]) -> str:
        """The foundation that somebody names, the only one there is, or "" where they have to choose.

        UserError for any other name. It is not quoted: people paste codes where a name is asked for.
        """
        if not self._rules.on:
            raise UserError(OFF)
        known = self.foundations
        if not named:
            return known[0] if len(known) == 1 else ""
        found = [name for name in known if name == named[0].casefold()]
        if len(named) != 1 or not found:
            near = nearest(named[0], known, 1) if len(named) == 1 else []
            meant = f"did you mean {near[0]}?" if near else f"use one of {', '.join(known)}."
            raise UserError(f"I know no foundation of that name: {meant}")
        return found[0]

    async def begin(self, foundation: str, until: float) -> LoginServer:
        """Where a person gets a passcode for this foundation."""
        return await self._server(foundation).login_server(until)

    async def link(self, user: str, channel: str, foundation: str, passcode: Secret, until: float) -> Link:
        """Exchange the passcode, and keep what comes of it in place of an earlier link. UserError, UpstreamError."""
        server = self._server(foundation)
        try:
            grant = await server.redeem(passcode, until)
        except PasscodeRefusedError as refusal:
            await self._refused(user, channel, foundation, str(refusal))
            raise UserError(str(refusal)) from refusal
        if objection := objection_to(grant, self._rules):
            gone = await revoke(server, grant.refresh, self._deadline())
            await self._refused(user, channel, foundation, objection, grant)
            raise UserError(f"I did not keep this link: {objection}. {_fate(gone)}")
        return await self._keep(_link(user, foundation, grant, self._around), channel)

    async def unlink(self, user: str, channel: str, foundation: str) -> Unlinked:
        """Forget a link, and have the login server forget it where it can. UserError where there is none."""
        async with self._alone(user, foundation):
            link = await self._stored(user, foundation)
            if link is None:
                raise UserError(f"You are not linked with {foundation}, so there is nothing to forget.")
            gone = await self._gone(link)
            told = "revoked by the login server" if gone else "forgotten; the login server did not revoke the token"
            await self._links.remove(
                user, foundation, self._event(AuditKind.UNLINK, AuditOutcome.DONE, link, channel, told)
            )
        log.info("unlinked", foundation=foundation, user=user, revoked=gone)
        return Unlinked(link, gone)

    async def whoami(self, user: str) -> tuple[Account, ...]:
        """How a person stands with each foundation, and with those that were configured when they linked."""
        links = {link.foundation: link for link in await self._links.of(user)}
        named = dict.fromkeys((*self.foundations, *links))
        return tuple(Account(name, links.get(name), name in self._rules.as_bot) for name in named)

    async def settled(self, query: Query, user: str) -> Query:
        """The query with `by=me` as the asker's own accounts; UserError where there is none."""
        if _ME not in map(str.casefold, query.by):
            return query
        asked = [name for name in self.foundations if _is_among(name, query.foundations)]
        links = [link for link in await self._links.of(user) if link.foundation in asked]
        if not links:
            raise UserError(_WHO_IS_ME if self._rules.on else _NOBODY_IS_ME)
        return _with_accounts(query, links, everywhere=len(links) == len(asked))

    def _server(self, foundation: str) -> Accounts:
        if not self._rules.on:
            raise UserError(OFF)
        return self._accounts[self.chosen((foundation,))]

    async def _keep(self, link: Link, channel: str) -> Link:
        async with self._alone(link.user, link.foundation):
            earlier = await self._stored(link.user, link.foundation)
            told = f"linked with {link.account}"
            await self._links.put(link, self._event(AuditKind.LINK, AuditOutcome.DONE, link, channel, told))
            if earlier and earlier.refresh != link.refresh:
                await self._gone(earlier)
        log.info("linked", foundation=link.foundation, user=link.user, account=link.account)
        return link

    async def _gone(self, link: Link) -> bool:
        """Have the login server forget a link's token; whether it did. There may be none, or no such foundation."""
        server = self._accounts.get(link.foundation)
        return bool(server and link.refresh and await revoke(server, link.refresh, self._deadline()))

    @asynccontextmanager
    async def _alone(self, user: str, foundation: str) -> AsyncIterator[None]:
        try:
            async with alone(self._leases, lock_of(user, foundation), self._around, self._deadline()):
                yield
        except TimeoutError as error:
            raise UpstreamError(foundation, NO_ROOM) from error

    def _deadline(self) -> float:
        return self._around.monotonic() + LOGIN_SECONDS

    async def _stored(self, user: str, foundation: str) -> Link | None:
        return next((link for link in await self._links.of(user) if link.foundation == foundation), None)

    async def _refused(self, user: str, channel: str, foundation: str, why: str, grant: Grant | None = None) -> None:
        log.info("link refused", foundation=foundation, user=user, reason=why)
        blank = Link(user, foundation, "", "", (), self._around.now(), Secret(""))
        link = replace(blank, account=grant.account, account_guid=grant.account_guid) if grant else blank
        await self._note(self._event(AuditKind.LINK, AuditOutcome.REFUSED, link, channel, why))

    def _event(self, kind: AuditKind, outcome: AuditOutcome, link: Link, channel: str, told: str) -> AuditEvent:
        return AuditEvent(
            id=self._around.new_id(),
            at=self._around.now(),
            kind=kind,
            outcome=outcome,
            user=link.user,
            account=link.account,
            account_guid=link.account_guid,
            channel=channel,
            foundation=link.foundation,
            told=told,
            request_id=request_id(),
        )


def _link(user: str, foundation: str, grant: Grant, around: Around) -> Link:
    now = around.now()
    return Link(user, foundation, grant.account_guid, grant.account, grant.scopes, now, grant.refresh, used_at=now)


def _fate(gone: bool) -> str:
    return "The login server has revoked it." if gone else "The login server did not revoke it: it ends with its time."


def _is_among(foundation: str, wanted: Sequence[str]) -> bool:
    return not wanted or any(matches(word, foundation) for word in wanted)


def _with_accounts(query: Query, links: Sequence[Link], *, everywhere: bool) -> Query:
    """The accounts by name where that is exact, else by guid: the same name may be somebody else's elsewhere."""
    others = tuple(word for word in query.by if word.casefold() != _ME)
    names = tuple({link.account for link in links})
    readable = not (others or len(names) > 1 or "*" in names[0] or names[0].casefold() == _ME)
    if not readable:
        return replace(query, by=(*others, *(link.account_guid for link in links)))
    linked = tuple(link.foundation for link in links)
    return replace(query, by=names, foundations=query.foundations if everywhere else linked)
