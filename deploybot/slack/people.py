"""Whose question it is: what Slack says about a person (zone, organisation), and the accounts that are theirs."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from slack_sdk.web.async_client import AsyncWebClient

from deploybot.domain.query import Day, NamedDay, Query
from deploybot.slack.webapi import WEB_ERRORS

UTC = "UTC"


@dataclass(frozen=True, slots=True)
class Profile:
    """The zone is an IANA name, UTC where Slack does not say; the organisation is empty outside Enterprise Grid."""

    zone: str = UTC
    enterprise: str = ""


UNKNOWN = Profile()

Mine = Callable[[Query, str], Awaitable[Query]]
"""Puts the accounts of a Slack user in the place of `by=me`; UserError where there are none."""


async def as_it_is(query: Query, _: str) -> Query:
    return query


def needs_zone(query: Query) -> bool:
    """Whether the question has calendar days but nobody has said yet where."""
    filters = (*query.created, *query.updated)
    return query.tz is None and any(isinstance(when, Day | NamedDay) for one in filters for when in one.when)


class People:
    """Profiles by user id, asked of Slack once an hour and person; a failure is remembered for a minute.

    An answer waits for that, so `patience` (seconds) is short.
    """

    def __init__(
        self,
        client: AsyncWebClient,
        clock: Callable[[], float],
        *,
        ttl: float = 3600,
        most: int = 10_000,
        patience: float = 2,
        mine: Mine = as_it_is,
    ) -> None:
        self.mine = mine
        self._client = client
        self._clock = clock
        self._ttl = ttl
        self._most = most
        self._patience = patience
        self._known: OrderedDict[str, tuple[Profile, float]] = OrderedDict()

    async def settle(self, query: Query, user: str) -> Query:
        """The query with the asker's own accounts, and their zone where it has days and no zone yet."""
        query = await self.mine(query, user)
        return replace(query, tz=(await self.profile(user)).zone) if needs_zone(query) else query

    async def profile(self, user: str) -> Profile:
        """What Slack says about the person; UNKNOWN where it says nothing."""
        profile, until = self._known.get(user, (UNKNOWN, 0.0))
        if self._clock() < until:
            return profile
        return await self._ask(user)

    async def _ask(self, user: str) -> Profile:
        try:
            async with asyncio.timeout(self._patience):
                answer = await self._client.users_info(user=user)
            profile, ttl = _profile(answer.get("user") or {}), self._ttl
        except WEB_ERRORS:
            profile, ttl = UNKNOWN, self._ttl / 60
        self._known[user] = profile, self._clock() + ttl
        self._known.move_to_end(user)
        if len(self._known) > self._most:
            self._known.popitem(last=False)
        return profile


def _profile(user: Mapping[str, Any]) -> Profile:
    grid = user.get("enterprise_user") or {}
    return Profile(_valid(user.get("tz")), "" if user.get("is_stranger") else grid.get("enterprise_id") or "")


def _valid(zone: object) -> str:
    try:
        return ZoneInfo(zone).key if isinstance(zone, str) else UTC
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC
