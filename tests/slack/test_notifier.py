"""The notifier between the outbox and Slack: what every answer, and every missing answer, means for a message."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from deploybot.demo.workspace.serving import listening
from deploybot.domain.ports import Declined, Posted, Unclear
from deploybot.slack.notifier import UNDRAWN
from tests.slack.fake_slack import FakeSlack
from tests.slack.office import CHECKOUT, POST, claim, notifier_for, office, outdated, since
from tests.workspace_client import EAGER, JsonObject


async def test_a_message_is_posted_with_its_key_and_found_by_it() -> None:
    async with office() as desk:
        first = await desk.posted(claim("k1"))
        await desk.posted(claim("k2"))
        again = await desk.posted(claim("k1"))
        assert await desk.notifier.find(CHECKOUT, "k1", since(), "") == (first, again)
        assert await desk.notifier.find(CHECKOUT, "k3", since(), "") == ()
        later = datetime.fromtimestamp(float(first) + 0.00005, UTC)
        assert await desk.notifier.find(CHECKOUT, "k1", later, "") == (again,)
        sent = [entry["payload"] for entry in await desk.slack.inspected() if entry["what"] == POST]
        assert sent[0]["metadata"] == {"event_type": "deploybot_message", "event_payload": {"key": "k1"}}
        assert (sent[0]["unfurl_links"], sent[0]["unfurl_media"], sent[0]["link_names"]) == (False, False, False)
        assert sent[0]["text"] == "text of k1"


async def test_a_reply_goes_into_its_thread_and_is_looked_for_there() -> None:
    async with office() as desk:
        root = await desk.posted(claim("root"))
        reply = await desk.posted(claim("reply", thread_ts=root))
        assert await desk.texts(thread_ts=root) == ["text of root", "text of reply"]
        assert await desk.notifier.find(CHECKOUT, "reply", since(), root) == (reply,)
        assert await desk.notifier.find(CHECKOUT, "reply", since(), "") == ()


async def test_a_reply_whose_thread_is_gone_is_found_in_the_channel() -> None:
    async with office() as desk:
        root = await desk.posted(claim("root"))
        assert await desk.notifier.delete(CHECKOUT, root)
        reply = await desk.posted(claim("reply", thread_ts=root))
        assert await desk.notifier.find(CHECKOUT, "reply", since(), root) == (reply,)


@pytest.mark.parametrize("word", ["cannot_reply_to_message", "restricted_action_thread_locked"])
async def test_a_reply_that_its_thread_does_not_take_goes_into_the_channel_and_is_found_there(
    slack: FakeSlack, word: str
) -> None:
    """Else one thread that somebody locked would keep its channel shut, however often it is resumed."""
    key = {"event_type": "deploybot_message", "event_payload": {"key": "reply"}}
    slack.answers[POST] = lambda asked: (
        {"ok": False, "error": word} if asked.get("thread_ts") else {"ok": True, "ts": "2.0"}
    )
    slack.answers["conversations.replies"] = {"ok": True, "messages": [{"ts": "1.0"}]}
    slack.answers["conversations.history"] = {"ok": True, "messages": [{"ts": "2.0", "metadata": key}]}
    async with notifier_for(slack.api_url) as notifier:
        assert await notifier.post(claim("reply", thread_ts="1.0")) == Posted("2.0")
        assert await notifier.find(CHECKOUT, "reply", since(), "1.0") == ("2.0",)


@pytest.mark.parametrize(
    ("word", "shut"), [("messages_tab_disabled", False), ("odd_word", False), ("user_disabled", True)]
)
async def test_a_direct_message_is_given_up_only_where_its_person_is_gone(
    slack: FakeSlack, word: str, shut: bool
) -> None:
    """Nobody could ever resume it."""
    slack.answers["conversations.open"] = {"ok": True, "channel": {"id": "D1"}}
    slack.answers[POST] = {"ok": False, "error": word}
    async with notifier_for(slack.api_url) as notifier:
        told = [await notifier.post(claim(channel="U1")) for _ in range(21)]
        assert [isinstance(one, Declined) and one.shut for one in told] == [shut] * 21


async def test_history_is_read_over_several_pages_and_not_for_ever() -> None:
    async with office(timeout=20) as desk:
        wanted = await desk.posted(claim("wanted"))
        await asyncio.gather(*(desk.slack.say("alice", "#checkout", str(number)) for number in range(250)))
        assert await desk.notifier.find(CHECKOUT, "wanted", since(), "") == (wanted,)
        pages = [entry for entry in await desk.slack.inspected() if entry["what"] == "conversations.history"]
        assert len(pages) == 2


async def test_history_without_an_end_is_not_read_to_it(slack: FakeSlack) -> None:
    slack.answers["conversations.history"] = {"ok": True, "messages": [], "response_metadata": {"next_cursor": "n"}}
    async with notifier_for(slack.api_url) as notifier:
        assert isinstance(await notifier.find("C1", "k1", since(), ""), Unclear)
        assert len(slack.called("conversations.history")) == 10


@pytest.mark.parametrize(("channel", "thread"), [(CHECKOUT, ""), (CHECKOUT, "1.000100"), ("U0ALICE001", "")])
async def test_without_the_right_to_read_nobody_can_look(channel: str, thread: str) -> None:
    async with office(scopes=["chat:write", "im:write"]) as desk:
        assert await desk.notifier.find(channel, "k1", since(), thread) is None


async def test_a_channel_that_the_bot_left_cannot_be_looked_at() -> None:
    async with office() as desk:
        await desk.slack.post("channel", channel="#checkout", bot_is_member=False)
        assert await desk.notifier.find(CHECKOUT, "k1", since(), "") is None


@pytest.mark.parametrize("kind", ["internal_error", "cut", "rate_limited"])
async def test_a_look_that_slack_does_not_answer_says_nothing(kind: str) -> None:
    async with office() as desk:
        await desk.slack.set_faults({"kind": kind, "methods": ["conversations.history"], "times": 1})
        assert isinstance(await desk.notifier.find(CHECKOUT, "k1", since(), ""), Unclear)


@pytest.mark.parametrize(
    ("fault", "there"),
    [
        ({"kind": "internal_error"}, 0),
        ({"kind": "done_but_500"}, 1),
        ({"kind": "cut"}, 1),
        ({"kind": "done_but_slow", "seconds": 1}, 1),
    ],
)
async def test_what_slack_may_have_taken_is_unclear_and_sent_once(fault: JsonObject, there: int) -> None:
    async with office(timeout=0.4) as desk:
        await desk.slack.set_faults({**fault, "methods": [POST], "times": 1})
        assert isinstance(await desk.notifier.post(claim()), Unclear)
        assert len(await desk.texts()) == there
        await desk.slack.set_faults()
        found = await desk.notifier.find(CHECKOUT, "k1", since(), "")
        assert isinstance(found, tuple)
        assert len(found) == there


async def test_a_post_ends_with_its_time_out_whatever_the_session_allows() -> None:
    async with office(timeout=0.3) as desk:
        await desk.slack.set_faults({"kind": "slow", "seconds": 3, "methods": [POST], "times": 1})
        async with asyncio.timeout(2):
            assert isinstance(await desk.notifier.post(claim()), Unclear)


async def test_a_slack_that_cannot_be_reached_has_nothing() -> None:
    listener = listening()
    address = f"http://127.0.0.1:{listener.getsockname()[1]}/api/"
    listener.close()
    async with notifier_for(address) as notifier:
        delivery = await notifier.post(claim())
        assert delivery == Declined("Slack cannot be reached: ClientConnectorError")
        assert isinstance(await notifier.find(CHECKOUT, "k1", since(), ""), Unclear)
        assert await notifier.delete(CHECKOUT, "1.1") is False


@pytest.mark.parametrize("body", [("text/html", "<html>"), ("text/plain", "Bad gateway")])
@pytest.mark.parametrize(("status", "clear"), [(502, False), (504, False), (200, False), (404, True), (403, True)])
async def test_a_proxy_that_answers_for_slack(
    slack: FakeSlack, status: int, clear: bool, body: tuple[str, str]
) -> None:
    slack.statuses[POST] = status
    slack.proxy_page = body
    async with notifier_for(slack.api_url) as notifier:
        delivery = await notifier.post(claim())
        assert isinstance(delivery, Declined if clear else Unclear)
        assert len(slack.called(POST)) == 1
        assert not (isinstance(delivery, Declined) and delivery.shut)


async def test_a_channel_that_was_told_to_wait_waits_and_others_do_not() -> None:
    async with office(timing=replace(EAGER, post_interval=60.0)) as desk:
        await desk.posted(claim("k1"))
        refused = await desk.notifier.post(claim("k2"))
        assert isinstance(refused, Declined)
        assert 58 <= refused.wait <= 60
        calls = len(await desk.slack.inspected())
        assert isinstance(await desk.notifier.post(claim("k3")), Declined)
        assert len(await desk.slack.inspected()) == calls
        await desk.posted(claim("k4", "C0GENERAL1"))


async def test_where_two_channels_were_told_to_wait_all_do() -> None:
    async with office() as desk:
        await desk.slack.set_faults({"kind": "rate_limited", "methods": [POST], "times": 2, "retry_after": 7})
        await desk.notifier.post(claim("k1"))
        await desk.notifier.post(claim("k2", "C0GENERAL1"))
        third = await desk.notifier.post(claim("k3", "C0ONCALL01"))
        assert isinstance(third, Declined)
        assert 6 < third.wait <= 7
        assert not third.shut


async def test_a_retry_after_without_json_or_sense_is_bounded(slack: FakeSlack) -> None:
    slack.statuses[POST] = 429
    async with notifier_for(slack.api_url) as notifier:
        slack.retry_after = "86400"
        assert await notifier.post(claim()) == Declined("Slack asks to wait", wait=3600.0)
        slack.retry_after = "soon"
        assert await notifier.post(claim(channel="C1")) == Declined("Slack asks to wait", wait=30.0)


@pytest.mark.parametrize(
    ("channel", "says"),
    [
        ("C0OLDSHOP1", "archived"),
        ("C0RANDOM01", "/invite @deploybot"),
        ("C0NOWHERE1", "/invite @deploybot"),
        ("U0NOBODY01", "person"),
    ],
)
async def test_where_nothing_can_be_posted_the_reason_says_what_to_do(channel: str, says: str) -> None:
    async with office() as desk:
        delivery = await desk.notifier.post(claim(channel=channel))
        assert isinstance(delivery, Declined)
        assert delivery.shut
        assert says in delivery.reason


@pytest.mark.parametrize(
    ("refusal", "says"), [("token_revoked", "install the app again"), ("account_inactive", "was removed")]
)
async def test_a_refused_token_shuts_channels_but_a_direct_message_waits(refusal: str, says: str) -> None:
    async with office() as desk:
        await desk.slack.post("access", refusal=refusal)
        delivery = await desk.notifier.post(claim())
        direct = await desk.notifier.post(claim(channel="U0ALICE001"))
        assert isinstance(delivery, Declined)
        assert isinstance(direct, Declined)
        assert (delivery.shut, direct.shut) == (True, False)
        assert says in delivery.reason
        assert direct.wait > 60


@pytest.mark.parametrize(
    ("error", "shut"),
    [("missing_scope", True), ("restricted_action", True), ("not_known_yet", False), ("request_timeout", None)],
)
async def test_other_words_of_slack(slack: FakeSlack, error: str, shut: bool | None) -> None:
    slack.answers[POST] = {"ok": False, "error": error}
    async with notifier_for(slack.api_url) as notifier:
        delivery = await notifier.post(claim())
        if shut is None:
            assert isinstance(delivery, Unclear)
        else:
            assert isinstance(delivery, Declined)
            assert (delivery.shut, delivery.wait > 0) == (shut, not shut)


async def test_a_channel_that_is_refused_for_an_unknown_reason_for_long_is_shut(slack: FakeSlack) -> None:
    slack.answers[POST] = {"ok": False, "error": "not_known_yet"}
    async with notifier_for(slack.api_url) as notifier:
        deliveries = [await notifier.post(claim()) for _ in range(20)]
        assert [isinstance(one, Declined) and one.shut for one in deliveries] == [*[False] * 19, True]
        assert "not_known_yet" in str(deliveries[-1])
        assert not getattr(await notifier.post(claim(channel="C1")), "shut", None)


async def test_a_renamed_channel_is_the_same_channel() -> None:
    async with office() as desk:
        await desk.slack.post("channel", channel="#checkout", name="payments")
        await desk.posted(claim())
        assert await desk.texts("#payments") == ["text of k1"]


async def test_a_message_that_slack_finds_wrong_is_sent_as_plain_text() -> None:
    async with office() as desk:
        desk.drawn.message = {"text": "the essence", "blocks": [{"type": "actions", "elements": []}]}
        ts = await desk.posted(claim())
        assert await desk.texts() == ["the essence"]
        assert await desk.notifier.find(CHECKOUT, "k1", since(), "") == (ts,)
        assert isinstance(await desk.notifier.update(outdated(ts)), Posted)


async def test_a_message_that_cannot_be_drawn_is_not_lost() -> None:
    async with office() as desk:
        desk.drawn.error = LookupError("a bug")
        await desk.posted(claim())
        assert await desk.texts() == [UNDRAWN]


async def test_a_person_is_told_in_a_direct_message() -> None:
    async with office() as desk:
        await desk.posted(claim(channel="U0ALICE001"))
        await desk.posted(claim("k2", channel="U0ALICE001"))
        assert await desk.texts("@deploybot") == ["text of k1", "text of k2"]
        opened = [entry for entry in await desk.slack.inspected() if entry["what"] == "conversations.open"]
        assert len(opened) == 1


async def test_a_person_is_told_without_the_scope_for_it_where_slack_allows() -> None:
    async with office(scopes=["chat:write"]) as desk:
        await desk.posted(claim(channel="U0ALICE001"))
        assert await desk.texts("@deploybot") == ["text of k1"]


async def test_a_direct_message_that_cannot_be_opened_was_not_sent() -> None:
    async with office() as desk:
        await desk.slack.set_faults({"kind": "internal_error", "methods": ["conversations.open"], "times": 1})
        delivery = await desk.notifier.post(claim(channel="U0ALICE001"))
        assert isinstance(delivery, Declined)
        assert not delivery.shut


async def test_a_first_message_is_brought_up_to_date_and_keeps_its_key() -> None:
    async with office() as desk:
        ts = await desk.posted(claim())
        assert await desk.notifier.update(outdated(ts)) == Posted(ts)
        assert await desk.texts() == ["now 3"]
        assert await desk.notifier.find(CHECKOUT, "k1", since(), "") == (ts,)


async def test_only_a_message_that_is_no_more_is_given_up() -> None:
    async with office() as desk:
        ts = await desk.posted(claim())
        said = await desk.slack.say("alice", "#checkout", "mine")
        await desk.slack.post("channel", channel="#checkout", is_archived=True)
        archived = await desk.notifier.update(outdated(ts))
        await desk.slack.post("channel", channel="#checkout", is_archived=False)
        foreign = await desk.notifier.update(outdated(said["ts"]))
        assert await desk.notifier.delete(CHECKOUT, ts)
        gone = await desk.notifier.update(outdated(ts))
        assert isinstance(archived, Declined)
        assert archived.wait > 60
        assert [isinstance(one, Declined) and one.shut for one in (archived, foreign, gone)] == [False, True, True]


async def test_an_edit_that_slack_may_have_made_is_unclear() -> None:
    async with office() as desk:
        ts = await desk.posted(claim())
        await desk.slack.set_faults({"kind": "cut", "methods": ["chat.update"], "times": 1})
        assert isinstance(await desk.notifier.update(outdated(ts)), Unclear)


async def test_a_double_is_deleted_once_and_a_foreign_message_never() -> None:
    async with office() as desk:
        first, second = await desk.posted(claim()), await desk.posted(claim())
        assert await desk.notifier.delete(CHECKOUT, second)
        assert await desk.notifier.delete(CHECKOUT, second)
        said = await desk.slack.say("alice", "#checkout", "mine")
        assert not await desk.notifier.delete(CHECKOUT, said["ts"])
        assert await desk.notifier.find(CHECKOUT, "k1", since(), "") == (first,)
