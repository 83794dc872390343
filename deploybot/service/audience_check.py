"""Which channels the bot falls silent in, since not all who are there may read: for operators, before they wait."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from deploybot.domain.access import Sight
from deploybot.domain.finding import Finding, Level
from deploybot.service.places import Asked
from deploybot.service.reading import Sights

AREA = "access"
CHECKS: Mapping[str, tuple[str, str]] = {
    "audience": (
        "Whether all who are in the channels that are told may read anything: where guests or people of other "
        "companies are, nothing is told unless a rule allows it. At most 20 channels are looked at.",
        "Let a rule allow it for `everyone` in that channel, or tell another one.",
    ),
}
"""What each check looks at, and what to do where it is not well."""

MOST = 20
_AT_ONCE = 5


@dataclass(frozen=True, slots=True)
class AudienceExamination:
    """The port `Examination`; `sights` says what all in a channel may read."""

    sights: Sights
    places: Asked

    @property
    def area(self) -> str:
        return AREA

    async def findings(self, until: float) -> tuple[Finding, ...]:
        places = await self.places()
        channels = [channel for channel in sorted(places.why) if channel[:1] in "CG"][:MOST]
        seen: dict[str, Sight | None] = {}
        for start in range(0, len(channels), _AT_ONCE):
            some = channels[start : start + _AT_ONCE]
            seen |= zip(some, await self._seen(some, until), strict=True)
        return tuple(audience_findings(seen, places.why))

    async def _seen(self, channels: Sequence[str], until: float) -> list[Sight | None]:
        """None for one that nobody could tell in time."""
        asked = [asyncio.ensure_future(self.sights(channel)) for channel in channels]
        try:
            await asyncio.wait(asked, timeout=max(0.0, until - asyncio.get_running_loop().time()))
            return [one.result() if one.done() else None for one in asked]
        finally:
            for one in asked:
                one.cancel()


def audience_findings(seen: Mapping[str, Sight | None], why: Mapping[str, str]) -> Iterator[Finding]:
    """`seen` says what all in a channel may read; None: nobody could tell."""
    for channel, sight in seen.items():
        if sight is not None and sight.why_nothing:
            says = f"in {channel} ({why[channel]}) nothing is told: guests are there, or others who may read nothing"
            fix = 'allow it with a rule (who = "everyone", where = the channel, may = "read"), or tell another channel'
            yield Finding(AREA, "audience", Level.WARNING, says, fix)
    if unknown := [channel for channel, sight in seen.items() if sight is None]:
        says = f"Slack did not tell who is in {', '.join(unknown)}, so messages there wait until it does"
        yield Finding(AREA, "audience", Level.NOTE, says, "run it again; the bot must see who is in a channel")
    if spoken := [channel for channel, sight in seen.items() if sight is not None and not sight.why_nothing]:
        yield Finding(
            AREA, "audience", Level.OK, f"in {len(spoken)} of {len(seen)} channels all who are there may read"
        )
