"""What the service needs from the outside, as Protocols it owns. Every call of a Foundation ends by its deadline or
raises; a Notifier never raises.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from deploybot.domain.access import Audience, Someone
from deploybot.domain.acting import Acted, Action, Credential
from deploybot.domain.deployment import App, Deployment, Event, Org, Person, Progress, Revision, Space
from deploybot.domain.link import Grant, LoginServer
from deploybot.domain.outgoing import Claim, Edit, Outdated
from deploybot.domain.secret import Secret


@dataclass(frozen=True, slots=True)
class Times:
    """A time filter in the API's terms: seconds to equal, or bounds. Sending both forms at once is a 500 there."""

    equal: tuple[datetime, ...] = ()
    lt: datetime | None = None
    lte: datetime | None = None
    gt: datetime | None = None
    gte: datetime | None = None


@dataclass(frozen=True, slots=True)
class DeploymentsAsk:
    """One `GET /v3/deployments`. None leaves a parameter out; an empty tuple matches nothing, `("",)` is sent empty.

    `order_by` is `created_at` or `updated_at`, with `-` in front for newest first; `per_page` is 1 to 5000.
    """

    page: int = 1
    per_page: int = 50
    order_by: str | None = None
    created: Times = Times()
    updated: Times = Times()
    guids: tuple[str, ...] | None = None
    app_guids: tuple[str, ...] | None = None
    states: tuple[str, ...] | None = None
    status_values: tuple[str, ...] | None = None
    status_reasons: tuple[str, ...] | None = None
    label_selector: str | None = None


@dataclass(frozen=True, slots=True)
class DeploymentsFound:
    """One answer: the rows, the server's `total_results` (0 past the end), and a sentence per undecodable row."""

    rows: tuple[Deployment, ...]
    total: int
    problems: tuple[str, ...] = ()
    sent: int = 0
    """How many rows the server sent, the undecodable ones included: a page is full when this is `per_page`."""


@dataclass(frozen=True, slots=True)
class AppsFound:
    """Apps, and whether these are all that match."""

    apps: tuple[App, ...]
    complete: bool = True


@dataclass(frozen=True, slots=True)
class StartersFound:
    """Who started what, by deployment guid.

    `visible` is False where the token may not see audit events, `complete` where they could not be asked for.
    """

    people: Mapping[str, Person]
    visible: bool = True
    complete: bool = True


@dataclass(frozen=True, slots=True)
class RateLimit:
    """How many requests a foundation lets one token make in a window."""

    requests: int
    window: timedelta


class Foundation(Protocol):
    """One Cloud Foundry. `until` is a deadline on the monotonic clock in seconds; failures are UpstreamErrors.

    `find_*` take names or guids, compared without case; no filter means all that can be seen, up to `at_most`.
    `progress`, `starters`, `events` and `rate_limit` are extras: they leave out what they cannot find out in time.
    """

    @property
    def name(self) -> str: ...

    async def deployments(self, ask: DeploymentsAsk, until: float) -> DeploymentsFound: ...

    async def deployment(self, guid: str, until: float) -> Deployment | None: ...

    async def apps(self, guids: Collection[str], until: float) -> Mapping[str, App]: ...

    async def find_apps(
        self,
        *,
        names: Collection[str] = (),
        space_guids: Collection[str] = (),
        org_guids: Collection[str] = (),
        at_most: int = 5000,
        until: float,
    ) -> AppsFound: ...

    async def find_spaces(self, names: Collection[str], until: float) -> tuple[Space, ...]: ...

    async def find_orgs(self, names: Collection[str], until: float) -> tuple[Org, ...]: ...

    async def progress(self, deployments: Sequence[Deployment], until: float) -> Mapping[str, Progress]: ...

    async def starters(self, deployments: Sequence[Deployment], until: float) -> StartersFound: ...

    async def events(self, deployment: Deployment, until: float) -> tuple[Event, ...] | None: ...

    async def revision(self, deployment: Deployment, until: float) -> Revision | None: ...

    async def rate_limit(self, until: float) -> RateLimit | None:
        """The limit that the foundation announces; None where it has none, or could not be asked in time."""
        ...


class Actions(Protocol):
    """Does things to the deployments of one foundation. It raises nothing: every failure is a value."""

    @property
    def name(self) -> str: ...

    async def act(self, action: Action, guid: str, as_: Credential, until: float) -> Acted:
        """Send one POST, once. What did not certainly fail is Unknown; a token goes to this foundation's API only."""
        ...


class OwnRights(Protocol):
    """What the bot's own account may do at one foundation. It raises nothing."""

    @property
    def name(self) -> str: ...

    async def spaces_to_act_in(self, space_guids: Collection[str], until: float) -> frozenset[str] | None:
        """Those of these spaces in which it may continue and cancel; None where that can't be found out."""
        ...


class PasscodeRefusedError(Exception):
    """The login server did not take a passcode or a refresh token; the text says why, without quoting it."""


class Accounts(Protocol):
    """The login server of one foundation. Failures other than refusals are UpstreamErrors; `until` is a deadline."""

    @property
    def name(self) -> str: ...

    async def login_server(self, until: float) -> LoginServer: ...

    async def redeem(self, passcode: Secret, until: float) -> Grant:
        """Exchange a one-time passcode, asking for `domain.link.SCOPES` only. PasscodeRefusedError."""
        ...

    async def renew(self, refresh: Secret, until: float) -> Grant:
        """A new access token, and the refresh token to keep from now on. PasscodeRefusedError."""
        ...

    async def revoke(self, refresh: Secret, until: float) -> bool:
        """Have the login server forget a refresh token; whether it did."""
        ...


class Credentials(Protocol):
    """Whose token somebody acts with."""

    async def of(self, user: str, foundation: str, until: float) -> Credential:
        """The person's own where the foundation wants that, else the bot's.

        A UserError says what to do where there is none: no link, a broken one, linking is off. UpstreamError where the
        login server can't be asked.
        """
        ...

    async def account(self, user: str, foundation: str) -> tuple[str, str] | None:
        """Guid and name of the account that a person is linked with, as stored; None without a usable link."""
        ...

    def reject(self, credential: Credential) -> None:
        """The foundation refused this token: the next one is a new one."""
        ...


class Directory(Protocol):
    """Who somebody is in Slack, and who can read a channel. It raises nothing."""

    async def someone(self, user: str) -> Someone:
        """Groups are those that rules name. Somebody about whom Slack tells nothing is no member, in no group."""
        ...

    async def audience(self, channel: str) -> Audience | None:
        """All who can read a channel; None where Slack does not tell at the moment and nothing is remembered."""
        ...


@dataclass(frozen=True, slots=True)
class Posted:
    """Slack has it, under this `ts`."""

    ts: str


@dataclass(frozen=True, slots=True)
class Declined:
    """Slack certainly did not take it.

    `wait` is in how many seconds another try is worth it. `shut` says that the channel itself can't be posted to
    (archived, the bot is no member, the token is revoked), so that no try is until a person does something.
    """

    reason: str
    wait: float = 0.0
    shut: bool = False


@dataclass(frozen=True, slots=True)
class Unclear:
    """Slack may have it: the connection ended before it said so, or it answered that something inside went wrong."""

    reason: str


Delivery = Posted | Declined | Unclear

Checkpoint = Callable[[str], None]
"""Called with the name of a point that a process passes on its way, so that tests may end or halt it just there."""


class Notifier(Protocol):
    """Puts messages into Slack and looks for them there. Every call ends within its time-out; none raises."""

    async def post(self, claim: Claim) -> Delivery:
        """Post a message with its key in the metadata; a repeat says that it may be one."""
        ...

    async def update(self, outdated: Outdated) -> Delivery:
        """Bring a deployment's first message up to date. Declined with `shut` where it is no more."""
        ...

    async def edit(self, edit: Edit) -> Delivery:
        """Have a message show something else. Declined with `shut` where it is no more."""
        ...

    async def find(self, channel: str, key: str, since: datetime, thread_ts: str) -> tuple[str, ...] | Unclear | None:
        """The `ts` of every message with this key since an instant, earliest first.

        None where the bot has no right to look; Unclear where Slack did not say.
        """
        ...

    async def delete(self, channel: str, ts: str) -> bool:
        """Take a double away; whether it is gone."""
        ...
