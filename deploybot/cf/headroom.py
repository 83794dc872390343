"""How much a foundation lets the bot ask, against how much it wants to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from deploybot.cf.server import Server
from deploybot.cf.wire import Info
from deploybot.domain.finding import Finding
from deploybot.domain.pacing import Pace, PaceRules, interval, per_minute
from deploybot.domain.ports import RateLimit

NEARLY_NONE = 0.1


@dataclass(frozen=True, slots=True)
class Left:
    """What the headers of an answer say of the rate limit: a server rounds `remaining` down to a tenth of the limit."""

    limit: int
    remaining: int
    resets: datetime | None


def announced(info: Info) -> RateLimit | None:
    """What `/v3/info` says of a limit; None where there is none, or none that makes sense."""
    limits = info.rate_limits
    if not limits or not limits.enabled or not limits.general_limit or not limits.reset_interval_in_minutes:
        return None
    if limits.general_limit < 0 or limits.reset_interval_in_minutes < 0:
        return None
    return RateLimit(limits.general_limit, timedelta(minutes=limits.reset_interval_in_minutes))


def left_in(headers: Mapping[str, str]) -> Left | None:
    """What is left of the limit; None where the headers say nothing, as for accounts without a limit."""
    limit, remaining = (_number(headers.get(f"x-ratelimit-{name}", "")) for name in ("limit", "remaining"))
    if not limit or remaining is None:
        return None
    reset = _number(headers.get("x-ratelimit-reset", ""))
    return Left(limit, remaining, datetime.fromtimestamp(reset, UTC) if reset else None)


def headroom_findings(api: Server, limit: RateLimit | None, left: Left | None, pace: PaceRules) -> tuple[Finding, ...]:
    """What the polls want against their share of the limit, and what others have left of it."""
    near = (_nearly_used(api, left),) if left and left.remaining <= left.limit * NEARLY_NONE else ()
    if limit is None:
        told = f"limits requests to {left.limit}" if left else "does not limit how often the bot asks"
        return (*near, api.ok("rate-limit", f"{api.named} {told}"))
    wanted = per_minute(Pace().requests, pace.interval) * (limit.window / timedelta(minutes=1))
    slowest = interval(pace, Pace(limit=limit))
    allows = f"{api.named} allows {limit.requests} requests in {_span(limit.window)}"
    if slowest > pace.interval:
        says = (
            f"{allows}; polling every {_span(pace.interval)} would take about {wanted:.0f}, more than the share "
            f"of {pace.share:.0%} that is for it: it polls every {_span(slowest)} instead"
        )
        fix = f"have {api.host} allow more, raise polling.rate_share, or set polling.interval to {_span(slowest)}"
        return (*near, api.warning("rate-limit-share", says, fix))
    return (*near, api.ok("rate-limit-share", f"{allows}; polling takes about {wanted:.0f} of them"))


def _nearly_used(api: Server, left: Left) -> Finding:
    until = f" until {left.resets:%H:%M} UTC" if left.resets else ""
    says = f"{api.named} leaves this account about {left.remaining} of {left.limit} requests{until}"
    fix = f"give the bot an account at {api.host} that nobody else uses, or have its limit raised"
    return api.warning("rate-limit-left", says, fix)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 10 else None


def _span(time: timedelta) -> str:
    seconds = round(time.total_seconds())
    return f"{seconds // 60} min" if seconds >= 120 and seconds % 60 == 0 else f"{seconds} s"
