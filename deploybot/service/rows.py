"""Rows for people: what a deployment means, the names around it, how far it is and who started it."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from deploybot.domain.deployment import App, Person, Progress
from deploybot.domain.outcome import OutcomeRules, judge
from deploybot.domain.page import Row, Trouble
from deploybot.domain.ports import Foundation, StartersFound
from deploybot.errors import UpstreamError
from deploybot.service.walking import Found


@dataclass(frozen=True, slots=True)
class Rows:
    rows: tuple[Row, ...]
    troubles: tuple[Trouble, ...] = ()


async def to_rows(found: Sequence[Found], rules: OutcomeRules, now: datetime, until: float) -> Rows:
    """All that can be found out about these deployments, asked of each foundation at once."""
    by_foundation: dict[str, list[Found]] = {}
    for one in found:
        by_foundation.setdefault(one.foundation.name, []).append(one)
    around = await asyncio.gather(*(_around(part[0].foundation, part, until) for part in by_foundation.values()))
    known = dict(zip(by_foundation, around, strict=True))
    rows = tuple(_row(one, known[one.foundation.name], rules, now) for one in found)
    return Rows(rows, tuple(one.trouble for one in around if one.trouble))


@dataclass(frozen=True, slots=True)
class _Around:
    apps: Mapping[str, App]
    progress: Mapping[str, Progress]
    starters: StartersFound
    trouble: Trouble | None = None


async def _around(foundation: Foundation, found: Sequence[Found], until: float) -> _Around:
    deployments = [one.deployment for one in found]
    active = [deployment for deployment in deployments if deployment.is_active and deployment.new_process_guids]
    guids = {deployment.app_guid for deployment in deployments if deployment.app_guid}
    names, progress, starters = await asyncio.gather(
        _apps(foundation, guids, until),
        foundation.progress(active, until) if active else _nothing(),
        foundation.starters(deployments, until),
    )
    if isinstance(names, Trouble):
        return _Around({}, progress, starters, names)
    return _Around(names, progress, starters)


async def _nothing() -> Mapping[str, Progress]:
    return {}


async def _apps(foundation: Foundation, guids: set[str], until: float) -> Mapping[str, App] | Trouble:
    try:
        return await foundation.apps(guids, until)
    except UpstreamError as error:
        return Trouble(error.foundation, f"names could not be read: {error.reason}")


def _row(found: Found, around: _Around, rules: OutcomeRules, now: datetime) -> Row:
    deployment = found.deployment
    by: Person | None = around.starters.people.get(deployment.guid)
    return Row(
        foundation=found.foundation.name,
        deployment=deployment,
        verdict=judge(deployment, now, rules),
        app=around.apps.get(deployment.app_guid or ""),
        progress=around.progress.get(deployment.guid),
        by=by,
    )
