"""Who is in the user groups that rules name: asked of Slack every few minutes, as long as anybody wants to know.

https://docs.slack.dev/reference/methods/usergroups.users.list
"""

import asyncio
from collections.abc import Callable, Collection, Mapping

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from deploybot.slack.memory import Memory, Terms

log = structlog.get_logger(__name__)

_TERMS = Terms(fresh=300, stale=1800, wait=2)


class GroupMembers:
    """`groups` are ids and `@handles`; a handle means whichever group has it at the moment."""

    def __init__(self, client: AsyncWebClient, clock: Callable[[], float], groups: Collection[str]) -> None:
        self._client = client
        self._groups = tuple(sorted(groups))
        self._ids = Memory(self._ask_ids, clock, _TERMS)
        self._members = Memory(self._ask_members, clock, _TERMS)

    async def all(self) -> Mapping[str, frozenset[str] | None]:
        """The user ids by group, as it was asked for; None where they are not known, or there is no such group."""
        if not self._groups:
            return {}
        ids = await self._ids.of("") or {}
        found = await asyncio.gather(*(self._of(ids.get(group.casefold(), "")) for group in self._groups))
        return dict(zip(self._groups, found, strict=True))

    async def _of(self, group_id: str) -> frozenset[str] | None:
        return await self._members.of(group_id) if group_id else None

    async def _ask_ids(self, _: str) -> Mapping[str, str]:
        """Ids by handle and by id, both folded, of the groups that are in use."""
        told = (await self._client.usergroups_list()).get("usergroups") or ()
        used = [one for one in told if one.get("id") and not one.get("date_delete")]
        ids = {str(name).casefold(): str(one["id"]) for one in used for name in (f"@{one.get('handle')}", one["id"])}
        if missing := [group for group in self._groups if group.casefold() not in ids]:
            log.warning("rules name user groups that Slack does not have", groups=missing)
        return ids

    async def _ask_members(self, group_id: str) -> frozenset[str]:
        answer = await self._client.usergroups_users_list(usergroup=group_id)
        return frozenset(map(str, answer.get("users") or ()))
