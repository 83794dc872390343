"""Examines one foundation from the outside in: its address, its certificate, what it is, the login, and what is seen.

It asks and logs in, and changes nothing. What failed early is told once, and what hangs on it is not looked at.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar

from deploybot.cf.answer import Answer
from deploybot.cf.auth import Login
from deploybot.cf.claims import Claims, claims_in
from deploybot.cf.client import REAL, Client, OddProxyError, Site, Surroundings
from deploybot.cf.failures import CloudFoundryError, GarbledError, TooSlowError
from deploybot.cf.handshake import reach
from deploybot.cf.linkable import PROBE, link_judged, link_unasked
from deploybot.cf.looking import sight_of
from deploybot.cf.proxy import proxy_for
from deploybot.cf.reaching import reached_findings
from deploybot.cf.refused_login import login_refused
from deploybot.cf.retry import RetryRules
from deploybot.cf.root import Root, address_findings, root_in, unasked
from deploybot.cf.scopes import Duties, may_read, token_findings
from deploybot.cf.server import Server
from deploybot.cf.skew import Skew, clock_findings, servers_apart, skew_in
from deploybot.cf.trust import bundle_findings, trust_in
from deploybot.cf.wire import BAD_JSON
from deploybot.domain.finding import Finding, Level
from deploybot.domain.pacing import PaceRules

T = TypeVar("T")
ONCE = RetryRules(tries=1)
REPORTING = 0.3
"""Seconds before the deadline at which nothing more is waited for: then there is time to tell."""
STEPS = ("the connection", "what answers there", "the login server", "the login", "what the account sees and may do")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the settings want of a foundation. `link` is the client by which people link accounts, where they may."""

    duties: Duties = field(default_factory=Duties)
    link: Login | None = None
    pace: PaceRules = field(default_factory=PaceRules)


def _utc_now() -> datetime:
    return datetime.now(UTC)


NOTHING = Wanted()


class FoundationExamination:
    """The port `Examination` over one foundation. `now` is the time in UTC."""

    def __init__(
        self,
        site: Site,
        wanted: Wanted = NOTHING,
        around: Surroundings = REAL,
        now: Callable[[], datetime] = _utc_now,
    ) -> None:
        self._site, self._wanted, self._around, self._now = site, wanted, around, now
        self._api = Server(site.name, "API", site.api.rstrip("/"))

    @property
    def area(self) -> str:
        return f"foundation {self._site.name}"

    async def findings(self, until: float) -> tuple[Finding, ...]:
        """All that was looked at, from the outside in."""
        told = self._written_down()
        if _stops(told):
            return (*told, self._left_out(0))
        try:
            client = Client(self._site, ONCE, self._around)
        except OddProxyError as error:
            fix = f"correct it, or add {self._api.host} to NO_PROXY; proxies of SOCKS are not supported"
            return (*told, self._api.failure("proxy", str(error), fix), self._left_out(0))
        try:
            return (*told, *await self._outside_in(client, until - REPORTING))
        finally:
            await client.aclose()

    def _written_down(self) -> tuple[Finding, ...]:
        """What is wrong with the settings themselves."""
        address = address_findings(self._api)
        if address or not self._site.ca_bundle:
            return address
        return bundle_findings(self._api, self._site.ca_bundle, self._now())

    async def _outside_in(self, client: Client, until: float) -> tuple[Finding, ...]:
        told = await self._reached(self._api, until)
        if _stops(told):
            return (*told, self._left_out(1))
        root, skew = await self._timed(client, f"{self._api.url}/", until)
        found = root_in(self._api, root) if isinstance(root, Answer) else unasked(self._api, root)
        if isinstance(found, Finding):
            return (*told, found, self._left_out(2))
        return (
            *told,
            *found.findings,
            *clock_findings(self._api, skew),
            *await self._inside(client, found, skew, until),
        )

    async def _inside(self, client: Client, root: Root, by_api: Skew | None, until: float) -> tuple[Finding, ...]:
        login = Server(self._site.name, "login server", root.login)
        told = await self._reached(login, until) if login.place != self._api.place else ()
        if _stops(told):
            return (*told, self._left_out(3))
        claims, linking, (_, by_login) = await asyncio.gather(
            self._logged_in(client, login, until),
            self._linking(client, login, until),
            self._timed(client, f"{login.url}/login", until),
        )
        if isinstance(claims, Finding):
            return (*told, claims, *linking, self._left_out(4))
        apart = servers_apart(self._api, login, by_api, by_login, claims.life)
        return (*told, *apart, *await self._as_account(client, login, claims, until), *linking)

    async def _as_account(self, client: Client, login: Server, claims: Claims, until: float) -> tuple[Finding, ...]:
        """What the bot's own account may do by its token, and what it sees."""
        wanted = self._wanted
        told = token_findings(self._api, login, claims, wanted.duties)
        if not may_read(claims):
            return (*told, self._left_out(4))
        seen = await sight_of(client, self._api, claims, wanted.duties, wanted.pace, until, self._around.clock)
        return (*told, *seen)

    async def _reached(self, server: Server, until: float) -> tuple[Finding, ...]:
        try:
            proxy = proxy_for(server)
        except ValueError as error:
            says = f"{server.named} is to be reached through a proxy, but {error}"
            return (server.failure("proxy", says, f"correct it, or add {server.host} to NO_PROXY"),)
        if proxy and not proxy.is_plain:
            says = f"requests to {server.host} go through the proxy {proxy.named}, which hides what is behind it"
            return (server.note("proxy", says, f"if they should not, add {server.host} to NO_PROXY"),)
        reached = await reach(server, trust_in(self._site.ca_bundle), proxy, until)
        skips = self._site.skip_tls_verify
        return reached_findings(server, reached, proxy, skips_verification=skips, now=self._now())

    async def _timed(self, client: Client, url: str, until: float) -> tuple[Answer | CloudFoundryError, Skew | None]:
        """The answer to a GET without a token, and how far its clock is from ours."""
        asked = self._now()
        try:
            answer = await self._within(until, client.send_plainly("GET", url))
        except CloudFoundryError as error:
            return error, None
        return answer, skew_in(answer.headers, asked, self._now())

    async def _logged_in(self, client: Client, login: Server, until: float) -> Claims | Finding:
        try:
            token = await client.own_token(until)
            return claims_in(token.reveal())
        except CloudFoundryError as error:
            return login_refused(login, self._site.login, error)
        except BAD_JSON:
            return login_refused(login, self._site.login, GarbledError(self._site.name, "gives tokens that are no JWT"))

    async def _linking(self, client: Client, login: Server, until: float) -> tuple[Finding, ...]:
        """Whether people can link their accounts there; nothing where they shall not."""
        link = self._wanted.link
        if link is None:
            return ()
        headers = {"Authorization": link.basic, "Accept": "application/json"}
        asking = client.send_plainly("POST", f"{login.url}/oauth/token", headers=headers, form=PROBE)
        try:
            return (link_judged(login, link, await self._within(until, asking)),)
        except CloudFoundryError as error:
            return (link_unasked(login, error),)

    async def _within(self, until: float, asking: Awaitable[T]) -> T:
        try:
            async with asyncio.timeout(until - self._around.clock()):
                return await asking
        except TimeoutError as error:
            raise TooSlowError(self._site.name, "did not answer in time") from error

    def _left_out(self, first: int) -> Finding:
        """What hangs on something that failed."""
        return self._api.note("not-looked-at", f"for that reason left out: {', '.join(STEPS[first:])}")


def _stops(told: Sequence[Finding]) -> bool:
    return any(each.level is Level.FAILURE for each in told)
