"""A deployment's messages offer exactly what Cloud Foundry would do with it now, bound to where it stands."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deploybot.domain.acting import Action, Bound, Stand, bound_text, parse_bound
from deploybot.domain.deployment import CanaryStatus, CanarySteps, Status
from deploybot.domain.page import Detail
from deploybot.slack.blocks.act_buttons import act_buttons
from deploybot.slack.blocks.alert import alert_message
from deploybot.slack.blocks.detail import detail_message, detail_view
from deploybot.slack.blocks.links import Console
from deploybot.slack.blocks.look import Look
from deploybot.slack.blocks.page import menu
from deploybot.slack.limits import BUTTON_VALUE, Message
from tests.slack.block_rules import assert_message, assert_view, nodes
from tests.slack.factories import GUID, NASTY, NOW, deployment, detail, row
from tests.slack.told import entry

PAUSED, DEPLOYING = Stand("ACTIVE", "PAUSED", 2), Stand("ACTIVE", "DEPLOYING", 2)
GUID_1 = GUID.format(1)
STANDS = st.builds(
    Stand,
    st.just("ACTIVE") | NASTY,
    st.sampled_from(["PAUSED", "DEPLOYING", "CANCELING", "DEPLOYED"]) | NASTY,
    st.none() | st.integers(),
)


def acts(drawn: Message) -> dict[str, str]:
    """The values of the buttons that act or watch, by their ids."""
    found = [node for node in nodes(drawn["blocks"]) if node.get("type") == "button"]
    return {one["action_id"]: one["value"] for one in found if one["action_id"].startswith(("act_", "watch_"))}


def standing(stand: Stand) -> Detail:
    canary = CanaryStatus(CanarySteps(stand.step, 4)) if stand.step is not None else None
    status = Status(stand.value, stand.reason, canary=canary)
    return detail(row=row(deployment=deployment(status=status)))


@pytest.mark.parametrize(
    ("stand", "offered"),
    [
        (PAUSED, {"act_continue", "act_cancel", "watch_start"}),
        (DEPLOYING, {"act_cancel", "watch_start"}),
        (Stand("ACTIVE", "CANCELING"), {"watch_start"}),
        (Stand("FINALIZED", "DEPLOYED"), set()),
        (Stand(), set()),
    ],
)
def test_a_deployment_offers_what_can_be_done_with_it_now(stand: Stand, offered: set[str]) -> None:
    assert set(acts(detail_message(standing(stand), Console()))) == offered
    assert set(acts(detail_view(standing(stand), Console()))) == offered
    assert set(acts(alert_message(entry(value=stand.value, reason=stand.reason), Look()))) == offered


def test_a_button_is_bound_to_where_the_deployment_stands() -> None:
    drawn = {one["action_id"]: one for one in act_buttons("eu", GUID_1, PAUSED, watch=True)}
    bound = Bound(action=Action.CONTINUE, foundation="eu", guid=GUID_1, stand=PAUSED)
    assert parse_bound(drawn["act_continue"]["value"]) == bound
    assert drawn["watch_start"]["value"] == f"eu/{GUID_1}"
    assert (drawn["act_continue"]["style"], drawn["act_cancel"]["style"]) == ("primary", "danger")
    assert "style" not in drawn["watch_start"]


def test_the_details_and_the_alert_of_one_deployment_are_bound_to_the_same() -> None:
    alerted = acts(alert_message(entry(value="ACTIVE", reason="PAUSED", step=2), Look()))
    assert alerted == acts(detail_message(standing(PAUSED), Console()))


@pytest.mark.parametrize("more", [{"ended_at": NOW}, {"gone_at": NOW}])
def test_what_is_over_as_far_as_the_ledger_knows_offers_nothing(more: dict[str, Any]) -> None:
    assert acts(alert_message(entry(value="ACTIVE", reason="PAUSED", **more), Look())) == {}


def test_a_watch_itself_offers_no_other_watch() -> None:
    assert {one["action_id"] for one in act_buttons("eu", GUID_1, PAUSED, watch=False)} == {
        "act_continue",
        "act_cancel",
    }


@given(st.text(max_size=BUTTON_VALUE + 100), STANDS)
@settings(deadline=None)
def test_a_button_whose_value_slack_would_not_take_is_left_out(guid: str, stand: Stand) -> None:
    for one in act_buttons("eu", guid, stand, watch=True):
        assert len(one["value"].encode("utf-16-le")) <= 2 * BUTTON_VALUE


def test_whatever_is_offered_slack_takes() -> None:
    assert_message(detail_message(standing(PAUSED), Console()))
    assert_view(detail_view(standing(PAUSED), Console()))
    assert_message(alert_message(entry(value="ACTIVE", reason="PAUSED"), Look()))
    assert len(bound_text(Bound(action=Action.CANCEL, foundation="e" * 31, guid=GUID_1, stand=PAUSED))) < 150


def test_a_row_under_way_can_be_watched_from_its_menu_and_one_that_ended_cannot() -> None:
    over = deployment(status=Status("FINALIZED", "DEPLOYED"))
    entries = [menu(one, Console()) or {} for one in (row(), row(deployment=over))]
    assert [[option["text"]["text"] for option in one["options"]] for one in entries] == [
        ["Details", "Watch", "Show guid"],
        ["Details", "Show guid"],
    ]
