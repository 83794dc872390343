"""Asks a foundation's API what the bot's account sees there: all at once, and a question that fails hides no other."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from deploybot.cf import wire
from deploybot.cf.answer import Answer
from deploybot.cf.claims import Claims
from deploybot.cf.client import Client
from deploybot.cf.failures import (
    INVALID_TOKEN,
    BadRequestError,
    CloudFoundryError,
    ForbiddenError,
    NotAuthenticatedError,
    NotFoundError,
    RateLimitedError,
    TooSlowError,
)
from deploybot.cf.headroom import announced, headroom_findings, left_in
from deploybot.cf.rights import CloudFoundryRights
from deploybot.cf.root import TESTED, rate_limited
from deploybot.cf.scopes import Duties
from deploybot.cf.server import Server
from deploybot.cf.sight import Sight, sight_findings
from deploybot.domain.finding import Finding
from deploybot.domain.pacing import PaceRules

T = TypeVar("T")
SPACES_LOOKED_AT = 100
QUESTIONS: Mapping[str, str] = {
    "deployments": "/v3/deployments?per_page=1&order_by=-created_at&status_values=ACTIVE,FINALIZED",
    "spaces": f"/v3/spaces?per_page={SPACES_LOOKED_AT}",
    "audit events": "/v3/audit_events?types=audit.app.deployment.create&per_page=1",
    "limits": "/v3/info",
}


@dataclass(frozen=True, slots=True)
class _Told:
    """What came of a question: an answer after so many seconds, or a failure."""

    outcome: Answer | CloudFoundryError
    seconds: float


async def sight_of(
    client: Client,
    api: Server,
    claims: Claims,
    duties: Duties,
    pace: PaceRules,
    until: float,
    clock: Callable[[], float] = time.monotonic,
) -> tuple[Finding, ...]:
    """What its account sees and may do, how fast that is told, and how much it may ask; in the order of importance."""
    answers = await asyncio.gather(*(_asked(client, path, until, clock) for path in QUESTIONS.values()))
    told = dict(zip(QUESTIONS, answers, strict=True))
    spaces = _read(told["spaces"], wire.SPACES.page)
    sight = Sight(
        deployments=_total(told["deployments"], wire.DEPLOYMENTS),
        spaces=spaces.total if spaces else None,
        events=_total(told["audit events"], wire.EVENTS),
        looked_at=len(spaces.rows) if spaces else 0,
        acts_in=await _acts_in(client, spaces, until) if duties.acts else None,
    )
    return (
        *_troubles(api, told),
        *sight_findings(api, claims, sight, duties),
        *_limits(api, told, pace),
        *_speed(api, told["deployments"]),
    )


async def _asked(client: Client, path: str, until: float, clock: Callable[[], float]) -> _Told:
    begun = clock()
    try:
        outcome: Answer | CloudFoundryError = await client.answer(path, until)
    except CloudFoundryError as error:
        outcome = error
    return _Told(outcome, clock() - begun)


async def _acts_in(client: Client, spaces: wire.Page[wire.SpaceRow] | None, until: float) -> int | None:
    if spaces is None:
        return None
    allowed = await CloudFoundryRights(client).spaces_to_act_in([row.guid for row in spaces.rows], until)
    return None if allowed is None else len(allowed)


def _read(told: _Told, read: Callable[[bytes], T]) -> T | None:
    if not isinstance(told.outcome, Answer):
        return None
    try:
        return read(told.outcome.body)
    except wire.UnreadableError:
        return None


def _total(told: _Told, resource: wire.Resource[T]) -> int | None:
    page = _read(told, resource.page)
    return page.total if page else None


def _troubles(api: Server, told: Mapping[str, _Told]) -> tuple[Finding, ...]:
    """One finding for each kind of failure, however many questions it befell."""
    failed = {name: each.outcome for name, each in told.items() if isinstance(each.outcome, CloudFoundryError)}
    found: dict[str, Finding] = {}
    for name, error in failed.items():
        like = [other for other, each in failed.items() if type(each) is type(error)]
        finding = _trouble(api, name, like, error)
        found.setdefault(f"{finding.check} {finding.says}", finding)
    return (*found.values(), *_garbled(api, told))


def _trouble(api: Server, name: str, like: list[str], error: CloudFoundryError) -> Finding:
    ask = f"ask whoever runs {api.host}"
    match error:
        case RateLimitedError():
            return rate_limited(api, error)
        case TooSlowError():
            says = f"{api.named} did not answer in time when asked for {' and '.join(like)}"
            return api.failure("slow", says, f"{ask} what holds it up, or examine again when it has less to do")
        case NotAuthenticatedError() if INVALID_TOKEN in error.codes:
            says = f"{api.named} does not accept the token that its own login server has just given"
            return api.failure("token", says, f"{ask}: its clock, or the login server that it believes, is wrong")
        case BadRequestError() | NotFoundError() if name == "deployments":
            tested = ".".join(map(str, TESTED))
            says = f"{api.named} does not know deployments, or not the filters that the bot asks with"
            return api.failure("deployments", says, f"{ask} for a newer version: the bot was tried with {tested}")
        case ForbiddenError():
            says = f"{api.named} does not let the bot's account ask for {' and '.join(like)}"
            return api.failure("forbidden", says, f"give it cloud_controller.global_auditor at {api.foundation}")
    says = f"{api.named}, asked for {name}, {error.reason}"
    if name == "deployments":
        return api.failure("deployments", says, f"{ask} what is wrong there")
    return api.warning(name.replace(" ", "-"), says, f"{ask}; without {name} answers say less")


def _garbled(api: Server, told: Mapping[str, _Told]) -> tuple[Finding, ...]:
    if isinstance(told["deployments"].outcome, Answer) and _total(told["deployments"], wire.DEPLOYMENTS) is None:
        says = f"{api.named} sends deployments that can't be read"
        return (api.failure("deployments", says, f"look at what stands in front of {api.host}: a proxy may answer"),)
    return ()


def _limits(api: Server, told: Mapping[str, _Told], pace: PaceRules) -> tuple[Finding, ...]:
    """Nothing where even that could not be asked. Of what is left, the last word counts: the lowest."""
    info = _read(told["limits"], wire.read_info)
    if info is None:
        return ()
    answers = [each.outcome for each in told.values() if isinstance(each.outcome, Answer)]
    left = [found for answer in answers if (found := left_in(answer.headers))]
    return headroom_findings(api, announced(info), min(left, key=lambda each: each.remaining, default=None), pace)


def _speed(api: Server, deployments: _Told) -> tuple[Finding, ...]:
    if not isinstance(deployments.outcome, Answer):
        return ()
    says = f"{api.named} took {deployments.seconds * 1000:.0f} ms to answer for one deployment"
    return (api.note("latency", says),)
