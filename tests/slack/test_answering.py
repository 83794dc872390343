"""What is answered to a command: to whom, once, and whatever goes wrong."""

import asyncio
import json

from slack_bolt.request.async_request import AsyncBoltRequest

from deploybot.errors import UpstreamError, UserError
from tests.slack.conftest import Desktop
from tests.slack.factories import GUID, page
from tests.slack.fake_slack import HOME_TEAM

GUID_1 = GUID.format(1)


async def test_a_command_is_acked_empty_and_answered_to_the_asker_alone(desktop: Desktop) -> None:
    ack = await desktop.send(desktop.command("app=checkout"))
    assert (ack.status, ack.body) == (200, "")
    assert desktop.posted["response_type"] == "ephemeral"
    assert desktop.posted["replace_original"] is False
    assert desktop.posted["blocks"][0]["text"]["text"] == "70 deployments of checkout"
    (asked,) = desktop.answers.asked
    assert asked[1].apps == ("checkout",)
    assert (asked[2].user, asked[2].team, asked[2].channel) == ("U1", HOME_TEAM, "C1")


async def test_public_answers_the_whole_channel(desktop: Desktop) -> None:
    await desktop.send(desktop.command("app=checkout public"))
    assert desktop.posted["response_type"] == "in_channel"
    assert "share" not in json.dumps(desktop.posted)


async def test_show_answers_with_the_detail(desktop: Desktop) -> None:
    await desktop.send(desktop.command(f"show {GUID_1}"))
    assert desktop.answers.asked[0][0] == GUID_1
    assert "What to do next" in json.dumps(desktop.posted)


async def test_help_needs_no_foundation(desktop: Desktop) -> None:
    await desktop.send(desktop.command("help"))
    assert desktop.answers.asked == []
    assert desktop.posted["text"]


async def test_what_the_person_can_put_right_is_told_to_them_alone(desktop: Desktop) -> None:
    await desktop.send(desktop.command("sate=failed public"))
    assert desktop.posted["response_type"] == "ephemeral"
    assert "state" in desktop.posted["text"]
    assert desktop.answers.asked == []


async def test_a_user_error_from_below_is_shown_as_is(desktop: Desktop) -> None:
    desktop.answers.error = UserError("There is no app chekout; did you mean checkout?")
    await desktop.send(desktop.command())
    assert desktop.posted["blocks"][0]["text"]["text"] == "There is no app chekout; did you mean checkout?"


async def test_a_foundation_in_trouble_is_named(desktop: Desktop) -> None:
    desktop.answers.error = UpstreamError("eu", "it is down for maintenance")
    await desktop.send(desktop.command())
    assert desktop.posted["text"] == "eu could not answer: it is down for maintenance"


async def test_a_bug_becomes_an_apology_with_a_reference_and_no_inner_words(desktop: Desktop) -> None:
    desktop.answers.error = RuntimeError("secret inner words")
    ack = await desktop.send(desktop.command())
    assert ack.status == 200
    assert "ref-1" in desktop.posted["text"]
    assert "secret" not in json.dumps(desktop.posted)


async def test_more_rows_than_a_message_holds_are_refused_in_words(desktop: Desktop) -> None:
    await desktop.send(desktop.command("per_page=26"))
    assert "25" in desktop.posted["text"]
    assert desktop.answers.asked == []


async def test_an_answer_that_may_have_been_lost_is_told_and_not_doubled(desktop: Desktop) -> None:
    desktop.slack.hook_statuses.append(0)
    await desktop.send(desktop.command("app=checkout public"))
    (_, lost), (_, told) = desktop.slack.posts
    assert lost["response_type"] == "in_channel"
    assert told["response_type"] == "ephemeral"
    assert "did not say whether it took my answer" in told["text"]
    assert not desktop.slack.called("chat.postMessage")


async def test_who_waits_when_the_bot_stops_is_told_so(desktop: Desktop) -> None:
    desktop.answers.delay = 30
    await desktop.bot.app.async_dispatch(AsyncBoltRequest(mode="socket_mode", body=desktop.command()))
    await desktop.bot.desk.drain(0.05)
    assert "being restarted" in desktop.posted["text"]
    assert desktop.posted["response_type"] == "ephemeral"


async def test_days_mean_the_askers_own_zone(desktop: Desktop) -> None:
    await desktop.send(desktop.command("created=yesterday"))
    assert desktop.answers.asked[0][1].tz == "Europe/Berlin"


async def test_a_zone_is_not_asked_for_where_no_day_is(desktop: Desktop) -> None:
    await desktop.send(desktop.command("created>2h"))
    assert desktop.answers.asked[0][1].tz is None
    assert desktop.slack.called("users.info") == []


async def test_days_mean_utc_where_slack_does_not_say(desktop: Desktop) -> None:
    desktop.slack.answers["users.info"] = {"ok": False, "error": "missing_scope"}
    await desktop.send(desktop.command("created=yesterday"))
    assert desktop.answers.asked[0][1].tz == "UTC"


async def test_an_answer_does_not_wait_for_a_slack_that_asks_to_wait_long(desktop: Desktop) -> None:
    """Told to wait for half a minute, the SDK would do so while the person waits for the answer."""
    desktop.slack.statuses["users.info"] = 429
    desktop.slack.retry_after = "30"
    async with asyncio.timeout(4):
        await desktop.send(desktop.command("created=2026-11-20"))
    assert desktop.answers.asked[0][1].tz == "UTC"


async def test_a_redelivery_is_acked_again_and_answered_once(desktop: Desktop) -> None:
    body = desktop.command()
    acks = [await desktop.send(body), await desktop.send(body)]
    assert [ack.status for ack in acks] == [200, 200]
    assert len(desktop.slack.posts) == 1


async def test_a_redelivered_event_is_answered_once(desktop: Desktop) -> None:
    body = desktop.mention()
    await desktop.send(body)
    await desktop.send(body)
    assert len(desktop.slack.called("chat.postMessage")) == 1


async def test_a_command_of_which_all_is_missing_is_acked_and_harms_nobody(desktop: Desktop) -> None:
    ack = await desktop.send({"command": "/deployments"})
    assert ack.status == 200
    assert desktop.answers.asked == []


async def test_shown_pages_go_through_unchanged(desktop: Desktop) -> None:
    desktop.answers.shown = page(notes=("a note",))
    await desktop.send(desktop.command())
    assert "a note" in json.dumps(desktop.posted)
