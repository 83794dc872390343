"""A channel is subscribed, told and unsubscribed, by people in Slack, with a real store behind the bot."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deploybot.domain.ledger import Kind
from deploybot.domain.outgoing import Draft, NoticeBody
from tests.e2e.stage import text_of
from tests.e2e.subscribed import Office, office
from tests.workspace_client import JsonObject, elements

COMMAND = "/deployments"


@pytest.fixture
async def at_work(tmp_path: Path) -> AsyncIterator[Office]:
    """A ledger that reaches two weeks back, in which something of checkout failed yesterday."""
    now = datetime.now(UTC)
    async with office(tmp_path) as at_work:
        await at_work.watched.poll(now - timedelta(days=14))
        await at_work.watched.poll(now - timedelta(days=1), ("d-1", Kind.FAILED), app="checkout", app_guid="app-1")
        await at_work.watched.poll(now)
        yield at_work


async def answer(at_work: Office, text: str, words: str) -> JsonObject:
    """What alice is told for a command of hers in #checkout."""
    await at_work.slack.command("alice", "#checkout", text)
    return await at_work.slack.wait_for_message("alice", "#checkout", lambda shown: words in text_of(shown))


def buttons(shown: JsonObject) -> list[str]:
    return [element["action_id"] for _, element in elements(shown)]


async def test_a_command_subscribes_and_tells_what_it_would_have_sent(at_work: Office) -> None:
    told = await answer(at_work, f"{COMMAND} subscribe app=checkout on=failed mention=@operators", "is subscribed")
    assert told["is_ephemeral"]
    assert "This would have sent 1 message in the last 7 days" in text_of(told)
    assert "pings @" in text_of(told)
    note = await at_work.slack.wait_for_message("bob", "#checkout", lambda shown: not shown["is_ephemeral"])
    assert "<@U0ALICE001> subscribed this channel to alerts about deployments of checkout: failed." in text_of(note)
    (kept,) = await at_work.store.subscriptions.of_channel("C0CHECKOUT")
    assert (kept.mention, kept.mention_label, kept.made_by) == ("<!subteam^S0OPERATOR>", "@operators", "U0ALICE001")


async def test_where_the_bot_is_not_nothing_is_subscribed(at_work: Office) -> None:
    await at_work.slack.command("alice", "#random", f"{COMMAND} subscribe app=checkout")
    told = await at_work.slack.wait_for_message("alice", "#random", lambda shown: "/invite" in text_of(shown))
    assert told["is_ephemeral"]
    assert await at_work.store.subscriptions.of_channel("C0RANDOM01") == ()


async def test_the_form_offers_groups_looks_ahead_and_subscribes(at_work: Office) -> None:
    slack = at_work.slack
    await slack.command("alice", "#checkout", f"{COMMAND} subscribe")
    view = await slack.wait_for_view("alice", lambda shown: "form_preview" in buttons(shown))
    await slack.click("alice", view, "value", "checkout", block_id="app")
    (offered,) = await slack.options("alice", view, "form_mention", "oper")
    assert offered["text"]["text"] == "@operators"
    await slack.click("alice", view, "form_mention", offered["value"])
    await slack.click("alice", view, "form_preview")
    view = await slack.wait_for_view("alice", lambda shown: "would have sent" in text_of(shown))
    assert "This would have sent 1 message in the last 7 days; the last one:" in text_of(view)
    assert "❌ *failed*: *checkout*" in text_of(view)

    await slack.click("alice", view, "value", "Europe/Berlim", block_id="tz")
    assert list((await slack.submit("alice"))["errors"]) == ["tz"]
    await slack.click("alice", view, "value", "Europe/Berlin", block_id="tz")
    await slack.submit("alice")
    await slack.wait_for_view("alice", lambda shown: "is subscribed" in text_of(shown))
    (kept,) = await at_work.store.subscriptions.of_channel("C0CHECKOUT")
    assert (kept.filters, kept.mention, kept.tz) == ("app=checkout", "<!subteam^S0OPERATOR>", "Europe/Berlin")


async def test_another_kind_in_the_form_shows_its_fields_and_makes_a_digest(at_work: Office) -> None:
    slack = at_work.slack
    await slack.command("alice", "#checkout", f"{COMMAND} subscribe")
    view = await slack.wait_for_view("alice", lambda shown: "form_kind" in buttons(shown))
    await slack.click("alice", view, "value", "checkout", block_id="app")
    await slack.click("alice", view, "form_kind", "digest")
    view = await slack.wait_for_view("alice", lambda shown: "When" in text_of(shown))
    await slack.click("alice", view, "value", "every=1h", block_id="schedule")
    await slack.submit("alice")
    await slack.wait_for_view("alice", lambda shown: "next digest" in text_of(shown))
    (kept,) = await at_work.store.subscriptions.of_channel("C0CHECKOUT")
    assert (kept.schedule, kept.filters) == ("every=1h", "app=checkout")


async def test_the_list_edits_pauses_resumes_and_removes(at_work: Office) -> None:
    slack = at_work.slack
    await answer(at_work, f"{COMMAND} subscribe app=checkout every=1h", "is subscribed")
    listed = await answer(at_work, f"{COMMAND} subscriptions", "1 subscription of this channel")

    await slack.click("alice", listed, "subs_edit")
    form = await slack.wait_for_view("alice", lambda shown: "form_preview" in buttons(shown))
    await slack.click("alice", form, "value", "22:00-07:00", block_id="quiet")
    await slack.submit("alice")
    await slack.wait_for_view("alice", lambda shown: "Saved" in text_of(shown))
    await slack.close("alice")

    listed = await answer(at_work, f"{COMMAND} subscriptions", "quiet 22:00-07:00")
    await slack.click("alice", listed, "subs_pause")
    listed = await slack.wait_for_message("alice", "#checkout", lambda shown: "*paused* by" in text_of(shown))
    await slack.click("alice", listed, "subs_resume")
    listed = await slack.wait_for_message("alice", "#checkout", lambda shown: "Resumed: " in text_of(shown))
    await slack.click("alice", listed, "subs_remove")
    await slack.wait_for_message("alice", "#checkout", lambda shown: "no subscriptions" in text_of(shown))
    assert await at_work.store.subscriptions.of_channel("C0CHECKOUT") == ()


async def test_send_now_posts_a_digest_whose_button_lists_all(at_work: Office) -> None:
    slack = at_work.slack
    await answer(at_work, f"{COMMAND} subscribe app=checkout every=1h", "is subscribed")
    await at_work.watched.poll(datetime.now(UTC), ("d-2", Kind.FAILED), app="checkout", app_guid="app-1")
    await at_work.watched.poll(datetime.now(UTC))
    listed = await answer(at_work, f"{COMMAND} subscriptions", "1 subscription of this channel")
    await slack.click("alice", listed, "subs_send")
    await slack.wait_for_message("alice", "#checkout", lambda shown: "on its way" in text_of(shown))
    assert await at_work.post() == 1
    digest = await slack.wait_for_message("bob", "#checkout", lambda shown: "Digest: 1 deployment" in text_of(shown))
    assert not digest["is_ephemeral"]
    assert "seen without gaps" in text_of(digest)
    await slack.click("bob", digest, "list")
    all_of_it = await slack.wait_for_message("bob", "#checkout", lambda shown: "of that message" in text_of(shown))
    assert all_of_it["is_ephemeral"]
    assert "checkout" in text_of(all_of_it)


async def test_the_notice_of_a_pause_resumes_by_its_button(at_work: Office) -> None:
    slack, store = at_work.slack, at_work.store
    await answer(at_work, f"{COMMAND} subscribe app=checkout on=failed", "is subscribed")
    (kept,) = await store.subscriptions.of_channel("C0CHECKOUT")
    listed = await answer(at_work, f"{COMMAND} subscriptions", "1 subscription")
    await slack.click("alice", listed, "subs_pause")
    await slack.wait_for_message("alice", "#checkout", lambda shown: "*paused* by" in text_of(shown))
    body = NoticeBody(text="I can't post in <#C0CHECKOUT>: it is archived.", resume=kept.id)
    await store.outbox.add(Draft(key="notice", channel="U0ALICE001", body=body), datetime.now(UTC))
    assert await at_work.post() == 1
    notice = await slack.wait_for_message("alice", "@deploybot", lambda shown: "archived" in text_of(shown))
    await slack.click("alice", notice, "resume")
    await slack.wait_for_message("alice", "@deploybot", lambda shown: "Resumed: " in text_of(shown))
    assert [one.paused for one in await store.subscriptions.of_channel("C0CHECKOUT")] == [""]
