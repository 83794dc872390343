"""An answer that Slack did not take never passes for one that it took."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from slack_bolt.context.respond.async_respond import AsyncRespond

from deploybot.slack.respond import NotDeliveredError, Responder, UnclearDeliveryError, hooks_origin
from tests.slack.fake_slack import FakeSlack


class Slept:
    """Does not sleep, but remembers for how long it should have."""

    def __init__(self) -> None:
        self.waits: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.waits.append(seconds)


@pytest.fixture
def slept() -> Slept:
    return Slept()


@pytest.fixture
async def responder(slack: FakeSlack, slept: Slept) -> AsyncIterator[Responder]:
    async with aiohttp.ClientSession() as session:
        yield Responder(session, hooks_origin(slack.api_url), slept)


async def test_bolts_own_respond_lets_a_failure_pass_silently(slack: FakeSlack) -> None:
    """Why this module exists: no exception, and whoever does not look at the status believes it delivered."""
    slack.hook_statuses.append(404)
    answer = await AsyncRespond(response_url=slack.hook())("hello")
    assert answer.status_code == 404


@pytest.mark.parametrize("status", [400, 403, 404, 410])
async def test_a_refusal_is_raised_and_not_tried_again(slack: FakeSlack, responder: Responder, status: int) -> None:
    slack.hook_statuses.append(status)
    with pytest.raises(NotDeliveredError, match=f"status {status}"):
        await responder.post(slack.hook(), {"text": "x"})
    assert len(slack.posts) == 1


async def test_an_error_that_comes_with_status_200_is_raised(slack: FakeSlack, responder: Responder) -> None:
    slack.hook_statuses.append({"ok": False, "error": "used_url"})
    with pytest.raises(NotDeliveredError, match="used_url"):
        await responder.post(slack.hook(), {"text": "x"})


@pytest.mark.parametrize("status", [429, 500, 502, 503])
async def test_what_may_pass_is_tried_again(slack: FakeSlack, responder: Responder, status: int) -> None:
    slack.hook_statuses.extend([status, status])
    await responder.post(slack.hook(), {"text": "x"})
    assert [payload for _, payload in slack.posts] == [{"text": "x"}] * 3


@pytest.mark.parametrize(
    ("payload", "posts"),
    [
        ({"response_type": "in_channel"}, 1),
        ({"response_type": "ephemeral"}, 2),
        ({"response_type": "in_channel", "replace_original": True}, 3),
    ],
)
async def test_what_slack_may_have_taken_is_not_sent_again_to_a_whole_channel(
    slack: FakeSlack, responder: Responder, payload: dict[str, object], posts: int
) -> None:
    """One person rather sees a double than nothing; and what is replaced can be replaced twice."""
    slack.hook_statuses.extend([0] * 9)
    with pytest.raises(UnclearDeliveryError, match="Disconnected"):
        await responder.post(slack.hook(), payload)
    assert len(slack.posts) == posts


async def test_what_was_unclear_once_stays_so_when_the_next_try_is_refused(
    slack: FakeSlack, responder: Responder
) -> None:
    slack.hook_statuses.extend([0, 404])
    with pytest.raises(UnclearDeliveryError):
        await responder.post(slack.hook(), {"response_type": "ephemeral"})


async def test_tries_are_bounded(slack: FakeSlack, responder: Responder, slept: Slept) -> None:
    """An address takes five posts only; and nobody waits for ever."""
    slack.hook_statuses.extend([500] * 9)
    with pytest.raises(NotDeliveredError, match="status 500"):
        await responder.post(slack.hook(), {"text": "x"})
    assert len(slack.posts) == 3
    assert sum(slept.waits) < 10


async def test_a_connection_that_cannot_be_made_is_a_failure_in_words(slept: Slept) -> None:
    async with aiohttp.ClientSession() as session:
        with pytest.raises(NotDeliveredError, match="ClientConnector"):
            await Responder(session, "http://127.0.0.1:9", slept).post("http://127.0.0.1:9/x", {"text": "x"})


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://[x",
        "https://evil.example/x",
        "https://hooks.slack.com.evil.example/x",
        "http://127.0.0.1:1/x",
        "file:///x",
    ],
)
async def test_nothing_is_posted_anywhere_but_to_slack(slack: FakeSlack, responder: Responder, url: str) -> None:
    with pytest.raises(NotDeliveredError, match="not Slack's"):
        await responder.post(url, {"text": "x"})
    assert slack.posts == []


@pytest.mark.parametrize(
    ("api", "origin"),
    [
        ("https://slack.com/api/", "https://hooks.slack.com"),
        ("https://www.slack.com/api/", "https://hooks.slack.com"),
        ("https://slack-gov.com/api/", "https://hooks.slack-gov.com"),
        ("http://127.0.0.1:8080/api/", "http://127.0.0.1:8080"),
    ],
)
def test_response_addresses_are_of_the_same_slack_as_the_api(api: str, origin: str) -> None:
    assert hooks_origin(api) == origin


async def test_all_calls_share_one_connection(slack: FakeSlack, responder: Responder) -> None:
    for _ in range(5):
        await responder.post(slack.hook(), {"text": "x"})
    assert len(slack.connections) == 1
