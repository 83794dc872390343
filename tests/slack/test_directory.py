"""Who people are and who can read a channel, asked over real HTTP of the simulated workspace."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import aiohttp
import pytest
from pydantic import SecretStr

from deploybot.demo.workspace.people import Cast, Channel, Person, UserGroup, a_small_shop
from deploybot.domain.access import Audience, Someone
from deploybot.slack.directory import ANYBODY, SlackDirectory
from deploybot.slack.manifest import manifest
from deploybot.slack.webapi import web_client
from tests.slack.conftest import Times
from tests.workspace_client import BOT_TOKEN, SlackClient, served_workspace

ALICE, BOB, CAROL, DAVE = "U0ALICE001", "U0BOB00001", "U0CAROL001", "U0DAVE0001"
GROUPS = ("@checkout-team", "S0OPERATOR")
SHOP = a_small_shop("deploybot")
MINUTE = 60.0


@dataclass
class Setting:
    slack: SlackClient
    directory: SlackDirectory
    times: Times

    async def calls(self, method: str) -> int:
        return sum(entry["what"] == method for entry in await self.slack.inspected("web_api"))

    async def failing(self, *methods: str) -> None:
        await self.slack.set_faults({"kind": "internal_error", "methods": list(methods)})


@asynccontextmanager
async def set_up(groups: tuple[str, ...] = GROUPS, **more: Any) -> AsyncIterator[Setting]:
    """A directory before the demo's cast; the bot has the scopes of its own manifest."""
    async with served_workspace(manifest(), **more) as slack, aiohttp.ClientSession() as session:
        times = Times()
        client = web_client(session, SecretStr(BOT_TOKEN), slack.api_url)
        yield Setting(slack, SlackDirectory(client, times, groups, SHOP.bot.user_id), times)


@pytest.fixture
async def shop() -> AsyncIterator[Setting]:
    async with set_up() as setting:
        yield setting


def _crowd(count: int, *, guests: int = 0, channel: str = "C0CROWD001", **more: Any) -> Cast:
    """The demo's cast with so many more members and guests, all in one channel with the bot."""
    people = [Person(f"U0MANY{at:04}", f"many{at}", "Many", SHOP.team.id) for at in range(count)]
    people += [Person(f"U0GUEST{at:03}", f"guest{at}", "G", SHOP.team.id, is_restricted=True) for at in range(guests)]
    there = frozenset(person.id for person in people) | {SHOP.bot.user_id}
    return replace(
        SHOP, people=(*SHOP.people, *people), channels=(*SHOP.channels, Channel(channel, "crowd", there, **more))
    )


async def test_a_member_is_in_the_groups_that_rules_name(shop: Setting) -> None:
    assert await shop.directory.someone(ALICE) == Someone(ALICE, frozenset({"@checkout-team"}))
    assert await shop.directory.someone(BOB) == Someone(BOB, frozenset({"S0OPERATOR"}))


async def test_a_guest_a_stranger_and_nobody_are_no_members(shop: Setting) -> None:
    guest = Someone(CAROL, frozenset({"@checkout-team"}), is_member=False)
    assert await shop.directory.someone(CAROL) == guest
    for user in (DAVE, SHOP.bot.user_id, "U0NOBODY01"):
        assert await shop.directory.someone(user) == Someone(user, is_member=False)


async def test_without_groups_in_rules_none_is_asked_for() -> None:
    async with set_up(()) as shop:
        assert await shop.directory.someone(ALICE) == Someone(ALICE)
        assert await shop.calls("usergroups.list") == 0


async def test_who_is_asked_for_twice_within_minutes_is_asked_of_slack_once(shop: Setting) -> None:
    for _ in range(2):
        await shop.directory.someone(ALICE)
        await shop.directory.audience("C0CHECKOUT")
    assert [await shop.calls(method) for method in ("usergroups.list", "conversations.members")] == [1, 1]
    assert await shop.calls("users.info") == 3  # alice, bob and carol
    shop.times.now += 6 * MINUTE
    await shop.directory.someone(ALICE)
    assert await shop.calls("usergroups.list") == 2


async def test_an_old_membership_helps_through_a_hiccup_of_slack_and_not_for_hours(shop: Setting) -> None:
    known = await shop.directory.someone(ALICE)
    await shop.failing()
    shop.times.now += 29 * MINUTE
    assert await shop.directory.someone(ALICE) == known
    shop.times.now += 2 * MINUTE
    nothing = Someone(ALICE, is_member=False, unsure=frozenset({*GROUPS, "members"}))
    assert await shop.directory.someone(ALICE) == nothing


async def test_a_failure_is_remembered_for_some_seconds(shop: Setting) -> None:
    await shop.failing("users.info")
    for _ in range(3):
        assert (await shop.directory.someone(ALICE)).unsure == {"members"}
    assert await shop.calls("users.info") == 1
    await shop.slack.set_faults()
    shop.times.now += 21
    assert (await shop.directory.someone(ALICE)).is_member


async def test_somebody_may_be_in_a_group_that_slack_does_not_have_or_tell() -> None:
    async with set_up(("@contractors", "@operators")) as shop:
        assert (await shop.directory.someone(ALICE)).unsure == {"@contractors"}
        await shop.failing("usergroups.users.list")
        shop.times.now += 31 * MINUTE
        assert (await shop.directory.someone(BOB)) == Someone(BOB, unsure=frozenset({"@contractors", "@operators"}))


async def test_a_private_channel_is_read_by_those_in_it(shop: Setting) -> None:
    audience = await shop.directory.audience("C0ONCALL01")
    assert audience == Audience(only_members=True, known=frozenset({ALICE, BOB, "@checkout-team", "S0OPERATOR"}))


async def test_what_is_true_of_all_in_a_private_channel_is_shared() -> None:
    team = UserGroup("S0ALLOFUS1", "us", "Us", (ALICE, BOB, CAROL))
    async with set_up(("@us",), cast=replace(SHOP, groups=(*SHOP.groups, team))) as shop:
        audience = await shop.directory.audience("C0ONCALL01")
    assert audience == Audience(True, frozenset({ALICE, BOB, "@us"}), frozenset({"@us"}))


async def test_a_public_channel_can_be_read_by_any_member_and_by_the_guests_in_it(shop: Setting) -> None:
    assert await shop.directory.audience("C0RANDOM01") == Audience(only_members=True)
    assert await shop.directory.audience("C0CHECKOUT") == Audience(only_members=False)


async def test_a_guest_who_joins_counts_within_minutes(shop: Setting) -> None:
    assert await shop.directory.audience("C0RANDOM01") == Audience(only_members=True)
    await shop.slack.post("channel", channel="#random", joins="carol")
    shop.times.now += 3 * MINUTE + 1
    assert await shop.directory.audience("C0RANDOM01") == Audience(only_members=False)


@pytest.mark.parametrize("channel", ["C0PARTNER1", "C0NOWHERE1", "D0NOWHERE1"])
async def test_where_strangers_are_or_slack_hides_the_channel_anybody_may_be(shop: Setting, channel: str) -> None:
    assert await shop.directory.audience(channel) == ANYBODY
    assert await shop.calls("conversations.members") == 0


async def test_a_private_channel_without_the_bot_may_hold_anybody(shop: Setting) -> None:
    await shop.slack.post("channel", channel="#oncall", bot_is_member=False)
    assert await shop.directory.audience("C0ONCALL01") == ANYBODY


async def test_a_direct_message_is_for_that_one_person(shop: Setting) -> None:
    alice, carol = [await shop.directory.audience(f"D{user[1:]}") for user in (ALICE, CAROL)]
    words = frozenset({ALICE, "@checkout-team"})
    assert alice == Audience(True, words, words)
    theirs = frozenset({CAROL, "@checkout-team"})
    assert carol == Audience(False, theirs, theirs)


async def test_an_audience_is_not_known_while_slack_fails_and_then_it_is(shop: Setting) -> None:
    await shop.failing("conversations.members")
    assert await shop.directory.audience("C0RANDOM01") is None
    await shop.failing("users.info")
    shop.times.now += 21
    assert await shop.directory.audience("C0RANDOM01") is None
    await shop.slack.set_faults()
    shop.times.now += 21
    assert await shop.directory.audience("C0RANDOM01") == Audience(only_members=True)
    await shop.failing()
    shop.times.now += 29 * MINUTE
    assert await shop.directory.audience("C0RANDOM01") == Audience(only_members=True)
    shop.times.now += 2 * MINUTE
    assert await shop.directory.audience("C0RANDOM01") is None


async def test_many_people_are_asked_for_by_the_page_and_a_guest_among_them_is_found() -> None:
    async with set_up((), cast=_crowd(1_200, guests=1)) as shop:
        assert await shop.directory.audience("C0CROWD001") == Audience(only_members=False)
        assert await shop.calls("conversations.members") == 2
        assert await shop.calls("users.list") == 2
        assert await shop.calls("users.info") == 0


async def test_the_workspace_is_read_once_for_many_channels() -> None:
    async with set_up((), cast=_crowd(30)) as shop:
        assert await shop.directory.audience("C0CROWD001") == Audience(only_members=True)
        shop.times.now += 4 * MINUTE
        assert await shop.directory.audience("C0CROWD001") == Audience(only_members=True)
        assert [await shop.calls(method) for method in ("conversations.members", "users.list")] == [2, 1]


async def test_a_channel_with_more_people_than_are_worth_reading_may_hold_anybody() -> None:
    async with set_up((), cast=_crowd(21_000)) as shop:
        assert await shop.directory.audience("C0CROWD001") == ANYBODY
        assert await shop.calls("conversations.members") == 20
        assert await shop.calls("users.list") == 0
