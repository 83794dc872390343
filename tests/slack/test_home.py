"""The bot serves the people of its own workspace or organisation, and no others."""

import pytest

from deploybot.slack.acting import acting
from deploybot.slack.approving import approving_feature
from deploybot.slack.blocks.act_modal import ACT_FORM, Held, Origin, held_text
from deploybot.slack.feature import FeatureMaker
from deploybot.slack.payload import Home, Place, from_action, is_at_home
from tests.slack.conftest import Desktop
from tests.slack.fake_acting import FakeActing, bound
from tests.slack.fake_slack import JSON
from tests.slack.test_approving import Deciding


@pytest.fixture
def acts() -> FakeActing:
    return FakeActing()


@pytest.fixture
def deciding() -> Deciding:
    return Deciding()


@pytest.fixture
def features(acts: FakeActing, deciding: Deciding) -> tuple[FeatureMaker, ...]:
    return acting(acts, seconds=5), approving_feature(deciding)


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


@pytest.mark.parametrize("action", ["act_continue", "act_cancel", "approve_agree", "approve_decline"])
async def test_a_click_of_a_stranger_acts_on_nothing(
    desktop: Desktop, acts: FakeActing, deciding: Deciding, action: str
) -> None:
    await desktop.send(strange(desktop.click(action, "a1", shared=True)))
    assert "I only answer people of the workspace" in desktop.posted["text"]
    assert desktop.slack.called("views.open") == []
    assert (acts.asked, deciding.clicks) == ([], [])


async def test_a_form_of_a_stranger_confirms_nothing(desktop: Desktop, acts: FakeActing) -> None:
    held = Held(bound(), Origin(Place("C1"), int(desktop.times())))
    view = {"id": "V1", "type": "modal", "callback_id": ACT_FORM, "private_metadata": held_text(held)}
    body = {"type": "view_submission", "team": {"id": "T9"}, "trigger_id": "form.1", "view": view}
    await desktop.send(strange(body))
    (told,) = desktop.slack.called("views.update")
    assert "I only answer people of the workspace" in str(told["view"])
    assert acts.asked == []


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
