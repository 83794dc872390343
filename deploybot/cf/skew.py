"""How far clocks are apart, by the Date of an answer, which tells the second in which it was written."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from deploybot.cf.server import Server
from deploybot.domain.finding import Finding

TOLERATED = timedelta(seconds=30)
SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Skew:
    """How far a server's clock is ahead of this machine's, at `least` and at `most`; behind, where negative."""

    least: timedelta
    most: timedelta

    @property
    def certain(self) -> timedelta:
        """The part of it that is beyond doubt: zero where the clocks may agree."""
        return max(self.least, timedelta(0)) + min(self.most, timedelta(0))


def skew_in(headers: Mapping[str, str], asked: datetime, answered: datetime) -> Skew | None:
    """By the header Date of a request that was sent and answered at these times here; None where it has none."""
    try:
        told = parsedate_to_datetime(headers.get("date", ""))
    except ValueError:
        return None
    if told.tzinfo is None:
        told = told.replace(tzinfo=UTC)
    return Skew(told - answered, told + SECOND - asked)


def clock_findings(api: Server, skew: Skew | None) -> tuple[Finding, ...]:
    """This machine's clock against the API's: what the bot says of how long ago things were depends on it."""
    if skew is None:
        return (api.note("clock", f"{api.named} does not say what time it is, so clocks could not be compared"),)
    off = skew.certain
    if abs(off) <= TOLERATED:
        return (api.ok("clock", f"{api.named}: its clock and this machine's agree, as far as can be told"),)
    where = "behind" if off > timedelta(0) else "ahead of"
    return (
        api.warning(
            "clock",
            f"this machine's clock is {_span(off)} {where} that of {api.host}: the bot judges wrong how long something "
            "takes or stands still",
            f"set this machine's clock, by NTP; if it is right, tell whoever runs {api.host}",
        ),
    )


def servers_apart(
    api: Server, login: Server, by_api: Skew | None, by_login: Skew | None, life: float | None
) -> tuple[Finding, ...]:
    """The two servers' clocks against each other: the API refuses a token that by its own clock is over.

    `life` is a token's, in seconds. () where they are near enough, or where nobody knows.
    """
    if by_api is None or by_login is None:
        return ()
    apart = Skew(by_api.least - by_login.most, by_api.most - by_login.least).certain
    if abs(apart) <= TOLERATED:
        return ()
    where = "ahead of" if apart > timedelta(0) else "behind"
    says = f"the clock of {api.host}, the API, is {_span(apart)} {where} that of {login.host}, the login server"
    fix = f"tell whoever runs {api.host} and {login.host}: their clocks have to agree"
    if life is not None and apart >= timedelta(seconds=life):
        return (api.failure("clock-servers", f"{says}: tokens are over before they can be used", fix),)
    return (api.warning("clock-servers", says, fix),)


def _span(off: timedelta) -> str:
    seconds = int(abs(off).total_seconds())
    if seconds < 120:
        return f"{seconds} seconds"
    return f"{seconds // 60} minutes" if seconds < 7200 else f"{seconds // 3600} hours"
