"""The bot must be in the channels that it tells, and Slack must have the groups that rules name."""

import time
from collections.abc import Mapping, Sequence

import aiohttp
import pytest
from pydantic import SecretStr

from deploybot.domain.access import Right, Rule, Target, Where, decide
from deploybot.domain.finding import Finding, Level
from deploybot.service.places import Places
from deploybot.slack.directory import SlackDirectory
from deploybot.slack.examining_channels import CHECKS, MOST, ChannelsExamination
from deploybot.slack.examining_groups import CHECKS as GROUP_CHECKS
from deploybot.slack.examining_groups import GroupsExamination
from deploybot.slack.webapi import web_client
from tests.domain.access_rules import deny, rule
from tests.workspace_client import BOT_TOKEN, SlackClient, served_workspace

WHY = "a subscription or a watch"


async def examined(slack: SlackClient, why: Mapping[str, str], lacking: str = "") -> tuple[Finding, ...]:
    async def places() -> Places:
        return Places(why, lacking)

    async with aiohttp.ClientSession() as session:
        client = web_client(session, SecretStr(BOT_TOKEN), slack.api_url)
        found = await ChannelsExamination(client, places).findings(time.monotonic() + 10)
    assert {one.check for one in found} <= {*CHECKS, "rate-limit"}
    return found


async def groups(slack: SlackClient, rules: Sequence[Rule]) -> tuple[Finding, ...]:
    async with aiohttp.ClientSession() as session:
        client = web_client(session, SecretStr(BOT_TOKEN), slack.api_url)
        found = await GroupsExamination(client, rules).findings(time.monotonic() + 10)
    assert {one.check for one in found} <= set(GROUP_CHECKS)
    return found


async def test_channels_with_the_bot_are_well() -> None:
    async with served_workspace() as slack:
        (found,) = await examined(slack, {"C0CHECKOUT": WHY, "C0ONCALL01": "guard 1", "D0ALICE001": WHY})
    assert (found.level, found.says) == (Level.OK, "the bot can post in 2 of 2 channels that it tells")


@pytest.mark.parametrize(
    ("channel", "says", "fix"),
    [
        ("C0RANDOM01", "the bot is not in #random (C0RANDOM01, guard 1)", "/invite"),
        ("C0OLDSHOP1", "#old-shop (C0OLDSHOP1, guard 1) is archived", "unarchive it"),
        (
            "C0NOWHERE1",
            "can't see C0NOWHERE1 (guard 1): it is private and the bot is not in it, or it is gone",
            "/invite",
        ),
    ],
)
async def test_a_channel_that_cannot_be_posted_to_is_a_failure_and_hides_no_other(
    channel: str, says: str, fix: str
) -> None:
    async with served_workspace() as slack:
        bad, well = await examined(slack, {channel: "guard 1", "C0CHECKOUT": WHY})
    assert (bad.check, bad.level, well.level) == ("channels", Level.FAILURE, Level.OK)
    assert says in bad.says
    assert fix in bad.fix
    assert "1 of 2" in well.says


async def test_where_slack_asks_to_wait_no_more_are_asked() -> None:
    async with served_workspace() as slack:
        await slack.set_faults({"kind": "rate_limited", "methods": ["conversations.info"], "retry_after": 30})
        limited, unlooked = await examined(slack, {f"C{number:09}": WHY for number in range(12)})
        assert len(await slack.inspected("web_api")) == 5
    assert (limited.check, limited.level) == ("rate-limit", Level.WARNING)
    assert unlooked.says == "7 more channels were not looked at"


async def test_of_very_many_channels_some_are_looked_at() -> None:
    async with served_workspace() as slack:
        found = await examined(slack, {f"C{number:09}": WHY for number in range(MOST + 3)})
        assert len(await slack.inspected("web_api")) == MOST
    assert found[-1].says == "3 more channels were not looked at"


async def test_a_database_that_was_not_read_is_said_to_hide_channels() -> None:
    async with served_workspace() as slack:
        (found,) = await examined(slack, {}, "the database could not be read")
    assert (found.check, found.level) == ("channels", Level.NOTE)
    assert "the database could not be read" in found.says


async def test_without_groups_in_rules_nobody_is_asked() -> None:
    async with served_workspace() as slack:
        assert await groups(slack, [rule("members")]) == ()
        assert await slack.inspected("web_api") == []


async def test_groups_that_slack_has_are_well_by_handle_or_id() -> None:
    async with served_workspace() as slack:
        (found,) = await groups(slack, [rule("@Checkout-Team"), deny("S0OPERATOR")])
    assert (found.level, found.says) == (Level.OK, "Slack has all 2 groups that rules name")


async def test_a_group_that_slack_does_not_have_is_worse_in_a_deny_than_in_an_allow() -> None:
    async with served_workspace() as slack:
        denies, allows = await groups(slack, [deny("@operator"), rule("S0NOWHERE", "members")])
    assert (denies.level, allows.level) == (Level.FAILURE, Level.WARNING)
    assert denies.says == "a deny denies @operator, which Slack does not have: so it denies everybody"
    assert denies.fix == "write @operators"
    assert "allows nobody by that" in allows.says


async def test_what_is_said_of_a_deny_for_such_a_group_is_what_the_bot_does() -> None:
    rules = [rule("members"), deny("@operator")]
    async with served_workspace() as slack, aiohttp.ClientSession() as session:
        client = web_client(session, SecretStr(BOT_TOKEN), slack.api_url)
        alice = await SlackDirectory(client, time.monotonic, {"@operator"}, "").someone("U0ALICE001")
    decision = decide(rules, alice, Right.CONTINUE, Where("C0CHECKOUT"), Target("eu"))
    assert (decision.allowed, decision.rule) == (False, "a deny")
