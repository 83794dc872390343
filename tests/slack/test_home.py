"""The bot serves the people of its own workspace or organisation, and no others."""

from deploybot.slack.payload import Home, from_action, is_at_home
from tests.slack.conftest import Desktop
from tests.slack.fake_slack import JSON


def strange(body: JSON) -> JSON:
    return {
        **body,
        "team_id": "T9",
        "user": {"id": "U1", "team_id": "T9"},
        "event": {**body.get("event", {}), "team": "T9"},
    }


async def test_people_of_another_workspace_are_refused_in_a_sentence(desktop: Desktop) -> None:
    await desktop.send(strange(desktop.command()))
    await desktop.send(strange(desktop.click("turn_next")))
    assert ["workspace" in payload["text"] for _, payload in desktop.slack.posts] == [True, True]
    assert {payload["response_type"] for _, payload in desktop.slack.posts} == {"ephemeral"}
    await desktop.send(strange(desktop.mention()))
    assert "workspace" in desktop.slack.called("chat.postEphemeral")[0]["text"]
    assert desktop.slack.called("chat.postMessage") == []
    assert desktop.answers.asked == []


async def test_a_mention_in_a_shared_channel_that_names_no_team_is_refused(desktop: Desktop) -> None:
    body = desktop.mention()
    del body["event"]["team"]
    await desktop.send({**body, "is_ext_shared_channel": True})
    assert desktop.answers.asked == []


def test_an_org_wide_bot_serves_its_organisation_only(desktop: Desktop) -> None:
    home = Home("", "E1", org_wide=True)
    click = {**desktop.click("refresh"), "enterprise": {"id": "E1"}}
    assert is_at_home(from_action(click), home, "E1")
    assert not is_at_home(from_action(click), home, "E2")
    assert not is_at_home(from_action({**click, "enterprise": {"id": "E2"}}), home, "E1")
