"""The workspace's user groups, for mentions: by handle, by id, and as somebody types; asked of Slack now and then.

https://docs.slack.dev/reference/methods/usergroups.list
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from deploybot.domain.near import nearest
from deploybot.errors import UserError
from deploybot.slack.webapi import WEB_ERRORS

MOST_SUGGESTED = 90
"""Slack takes 100 options; some are for who is no group."""
_TTL, _TTL_OF_FAILURE = 300.0, 20.0
_UNREADABLE = "I can't read the user groups now (Slack did not tell them): try again in a minute, or use mention=here."


@dataclass(frozen=True, slots=True)
class UserGroup:
    """A group: `handle` is what follows the @."""

    id: str
    handle: str
    name: str = ""

    @property
    def mention(self) -> str:
        """As Slack writes it."""
        return f"<!subteam^{self.id}>"


class UserGroups:
    """Remembers the groups for five minutes; a failure for some seconds, so that typing does not ask each time."""

    def __init__(self, client: AsyncWebClient, clock: Callable[[], float]) -> None:
        self._client = client
        self._clock = clock
        self._known: tuple[UserGroup, ...] | None = None
        self._until = 0.0

    async def all(self) -> tuple[UserGroup, ...]:
        """Every group that is in use; a UserError where Slack does not tell."""
        if self._clock() >= self._until:
            self._known, ttl = await self._ask()
            self._until = self._clock() + ttl
        if self._known is None:
            raise UserError(_UNREADABLE)
        return self._known

    async def by_handle(self, handle: str) -> UserGroup:
        """The group with this handle, with or without the @; a UserError with near ones where there is none."""
        wanted, groups = handle.removeprefix("@").casefold(), await self.all()
        for group in groups:
            if group.handle.casefold() == wanted:
                return group
        raise UserError(_unknown(handle, groups))

    async def by_id(self, group_id: str) -> UserGroup:
        """The group with this id; a UserError where there is none any more."""
        for group in await self.all():
            if group.id == group_id:
                return group
        raise UserError("That user group is no longer there: choose another one.")

    async def suggested(self, typed: str) -> tuple[UserGroup, ...]:
        """The groups that somebody may mean who has typed so much, those that begin with it first."""
        wanted = typed.strip().removeprefix("@").casefold()
        fitting = [group for group in await self.all() if wanted in f"{group.handle} {group.name}".casefold()]
        ranked = sorted(fitting, key=lambda group: (not group.handle.casefold().startswith(wanted), group.handle))
        return tuple(ranked[:MOST_SUGGESTED])

    async def _ask(self) -> tuple[tuple[UserGroup, ...] | None, float]:
        try:
            answer = await self._client.usergroups_list()
        except WEB_ERRORS:
            return self._known, _TTL_OF_FAILURE
        return tuple(_groups(answer.get("usergroups") or ())), _TTL


def _groups(told: Iterable[Any]) -> Iterable[UserGroup]:
    for one in told:
        if isinstance(one, Mapping) and one.get("id") and one.get("handle") and not one.get("date_delete"):
            yield UserGroup(str(one["id"]), str(one["handle"]), str(one.get("name") or ""))


def _unknown(handle: str, groups: tuple[UserGroup, ...]) -> str:
    shown = handle if len(handle) <= 40 else f"{handle[:39]}…"
    near = nearest(handle.removeprefix("@"), [group.handle for group in groups])
    if near:
        meant = " or ".join(f"@{one}" for one in near)
        return f"There is no user group {shown}: did you mean {meant}?"
    return f"There is no user group {shown}: write the handle of one, a person, me or here."
