"""Who somebody is in Slack, and who can read a channel, for the rules of access.

What Slack said may be used for half an hour while it can't be asked, so that its hiccups lock nobody out who is on
call; after that an old membership allows nothing, and a deny for a group holds for everybody.

https://docs.slack.dev/reference/methods/conversations.members
"""

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping
from enum import Enum, auto
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from deploybot.domain.access import MEMBERS, Audience, Someone
from deploybot.slack.groupmembers import GroupMembers
from deploybot.slack.memory import Memory, Terms
from deploybot.slack.webapi import is_passing, reason_of

ANYBODY = Audience(only_members=False)
"""Of a channel about which Slack tells nothing, or that is too large: guests and strangers may be there."""

_PERSON = Terms(fresh=300, stale=1800)
_CHANNEL = Terms(fresh=180, stale=1800, wait=6, most=500)
_EVERYBODY = Terms(fresh=900, stale=1800, wait=60, longest=120)
_A_FEW = 20
"""So many people are asked for one by one; for more, all of the workspace are read."""
_PAGE = 999
_MOST_PAGES = 20
"""Of people in a channel or in the workspace: about 20,000."""
_SLACKBOT = "USLACKBOT"


class Kind(Enum):
    """What somebody's account is. A guest is whoever is no full member: people of other companies as well."""

    MEMBER = auto()
    GUEST = auto()
    NOBODY = auto()
    """A bot, or an account that is no longer in use."""


class _TooManyError(Exception):
    """More people than are worth reading."""


class SlackDirectory:
    """The port `Directory`. `groups` are those that rules name, by id and `@handle`; `clock` is monotonic."""

    def __init__(
        self, client: AsyncWebClient, clock: Callable[[], float], groups: Collection[str], bot_user: str
    ) -> None:
        self._client = client
        self._bot_user = bot_user
        self._groups = GroupMembers(client, clock, groups)
        self._kinds = Memory(self._ask_kind, clock, _PERSON)
        self._everybody = Memory(self._ask_everybody, clock, _EVERYBODY)
        self._audiences = Memory(self._ask_audience, clock, _CHANNEL)

    async def someone(self, user: str) -> Someone:
        """Who this is; somebody about whom Slack tells nothing is no member, in no group, and may be denied as one."""
        kind, groups = await asyncio.gather(self._kinds.of(user), self._groups.all())
        return Someone(
            user=user,
            groups=_groups_of(user, groups),
            is_member=kind is Kind.MEMBER,
            unsure=_unknown(groups) | ({MEMBERS} if kind is None else set()),
        )

    async def audience(self, channel: str) -> Audience | None:
        """All who can read a channel, apps aside; None where Slack does not tell now and has not told lately."""
        return await self._audiences.of(channel)

    async def _ask_audience(self, channel: str) -> Audience:
        """Whatever Slack will not tell at all (a channel that it hides from the bot) is open to anybody."""
        try:
            return await self._direct(channel) if channel.startswith("D") else await self._of_channel(channel)
        except _TooManyError:
            return ANYBODY
        except SlackApiError as problem:
            if is_passing(problem):
                raise
            return ANYBODY

    async def _direct(self, channel: str) -> Audience:
        """Asked with `conversations.open`, which the bot may do: `conversations.info` would need `im:read`."""
        opened = await self._client.conversations_open(channel=channel, return_im=True)
        user = str((opened.get("channel") or {}).get("user") or "")
        return await self._all_of([user], is_public=False) if user else ANYBODY

    async def _of_channel(self, channel: str) -> Audience:
        found = (await self._client.conversations_info(channel=channel)).get("channel") or {}
        if any(found.get(flag) for flag in ("is_ext_shared", "is_pending_ext_shared", "is_im", "is_mpim")):
            return ANYBODY
        there = await self._members(channel)
        return await self._all_of(there, is_public=not found.get("is_private", True))

    async def _all_of(self, users: Collection[str], *, is_public: bool) -> Audience:
        """In a public channel anybody may be, beside the guests that are."""
        kinds = await self._kinds_of(users)
        people = [user for user, kind in kinds.items() if kind is not Kind.NOBODY]
        only_members = all(kinds[user] is Kind.MEMBER for user in people)
        if is_public:
            return Audience(only_members)
        groups = await self._groups.all()
        words = [_groups_of(user, groups) | {user} for user in people]
        return Audience(
            only_members,
            known=frozenset().union(_unknown(groups), *words),
            shared=frozenset.intersection(*words) if words else frozenset(),
        )

    async def _kinds_of(self, users: Iterable[str]) -> Mapping[str, Kind]:
        """TimeoutError where somebody's is not known at the moment."""
        kinds = {user: self._kinds.remembered(user) for user in users}
        if _missing(kinds) > _A_FEW:
            everybody = await self._everybody.of("")
            if everybody is None:
                raise TimeoutError
            kinds = {user: kind or everybody.get(user) for user, kind in kinds.items()}
            if _missing(kinds) > _A_FEW:
                raise _TooManyError
        missing = [user for user, kind in kinds.items() if kind is None]
        asked = await asyncio.gather(*(self._kinds.of(user) for user in missing))
        return {user: _known(kind) for user, kind in {**kinds, **dict(zip(missing, asked, strict=True))}.items()}

    async def _members(self, channel: str) -> list[str]:
        members: list[str] = []
        cursor = ""
        for _ in range(_MOST_PAGES):
            page = await self._client.conversations_members(channel=channel, limit=_PAGE, cursor=cursor or None)
            members += map(str, page.get("members") or ())
            cursor = _next(page)
            if not cursor:
                return [user for user in members if user not in {self._bot_user, _SLACKBOT}]
        raise _TooManyError

    async def _ask_everybody(self, _: str) -> Mapping[str, Kind]:
        """The kinds of all, or of the first that a workspace lists."""
        kinds: dict[str, Kind] = {}
        cursor = ""
        for _page in range(_MOST_PAGES):
            page = await self._client.users_list(limit=_PAGE, cursor=cursor or None)
            kinds |= {str(user["id"]): _kind(user) for user in page.get("members") or () if user.get("id")}
            cursor = _next(page)
            if not cursor:
                break
        return kinds

    async def _ask_kind(self, user: str) -> Kind:
        try:
            answer = await self._client.users_info(user=user)
        except SlackApiError as problem:
            if reason_of(problem) in {"user_not_found", "user_not_visible"}:
                return Kind.GUEST
            raise
        return _kind(answer.get("user") or {"is_stranger": True})


def _kind(user: Mapping[str, Any]) -> Kind:
    if user.get("deleted") or user.get("is_bot"):
        return Kind.NOBODY
    guest = any(user.get(flag) for flag in ("is_restricted", "is_ultra_restricted", "is_stranger"))
    return Kind.GUEST if guest else Kind.MEMBER


def _missing(kinds: Mapping[str, Kind | None]) -> int:
    return sum(kind is None for kind in kinds.values())


def _known(kind: Kind | None) -> Kind:
    if kind is None:
        raise TimeoutError
    return kind


def _next(page: Any) -> str:
    return str((page.get("response_metadata") or {}).get("next_cursor") or "")


def _groups_of(user: str, groups: Mapping[str, frozenset[str] | None]) -> frozenset[str]:
    return frozenset(group for group, members in groups.items() if members and user in members)


def _unknown(groups: Mapping[str, frozenset[str] | None]) -> frozenset[str]:
    return frozenset(group for group, members in groups.items() if members is None)
