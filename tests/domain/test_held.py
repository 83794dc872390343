"""Whether what was held back may be posted still: every app that any kind of message names must be readable."""

from datetime import datetime, timedelta

import pytest

from deploybot.domain.access import ALL_SEEN, Sight
from deploybot.domain.acting import Action, Bound
from deploybot.domain.approval import Approval
from deploybot.domain.held import FRESH, INSTEAD, is_to_be_checked, may_be_posted
from deploybot.domain.outgoing import (
    AlertBody,
    ApprovalBody,
    Body,
    Claim,
    DigestBody,
    DigestLine,
    Draft,
    GuardBody,
    NoticeBody,
    ReplyBody,
    SummaryBody,
    WatchBody,
    WatchReplyBody,
)
from deploybot.domain.watch import WatchView
from tests.domain.making import NOW, entry
from tests.domain.outgoing_factories import transition
from tests.domain.watched import watch

ONE, OTHER = entry("d-1", app="checkout", app_guid="a-1"), entry("d-2", app="vault", app_guid="a-2")
BOUND = Bound(action=Action.CONTINUE, foundation="eu", guid="d-1")
REQUEST = Approval(
    id="r-1",
    bound=BOUND,
    app="checkout",
    space="prod",
    org="shop",
    asked_by="U1",
    asked_account="",
    asked_account_guid="",
    channel="C1",
    asked_at=NOW,
    expires_at=NOW,
)
BODIES: tuple[Body, ...] = (
    AlertBody(foundation="eu", guid="d-1"),
    ReplyBody(transition=transition("d-1")),
    SummaryBody(counts=(), deployments=2, lines=((transition("d-2"), OTHER), (transition("d-1"), ONE))),
    DigestBody(subscription="s", filters="", since=NOW, until=NOW, tz="UTC", rest=(DigestLine(entry=ONE),)),
    WatchBody(watch=watch(view=WatchView(entry=ONE, as_of=NOW))),
    WatchReplyBody(entry=ONE),
    ApprovalBody(approval=REQUEST),
    GuardBody(entry=ONE, text="checkout waits"),
)
VAULT_ONLY = Sight(lambda target: target.app == "vault", everything=False)
BOTH = Sight(lambda target: target.app in {"vault", "checkout"}, everything=False)


def claim(body: Body, channel: str = "C1", drafted_at: datetime | None = NOW) -> Claim:
    return Claim(1, Draft(key="k", channel=channel, body=body), "t", NOW, entry=ONE, drafted_at=drafted_at)


@pytest.mark.parametrize("body", BODIES, ids=lambda body: type(body).__name__)
def test_one_app_that_may_not_be_read_is_enough(body: Body) -> None:
    assert not may_be_posted(claim(body), VAULT_ONLY)
    assert may_be_posted(claim(body), BOTH)
    assert may_be_posted(claim(body), ALL_SEEN)


def test_what_names_nothing_may_be_posted_anywhere() -> None:
    nothing = Sight(lambda target: False, everything=False)
    assert may_be_posted(claim(INSTEAD), nothing)
    assert may_be_posted(claim(NoticeBody(text="paused")), nothing)
    assert "checkout" not in INSTEAD.text


def test_only_what_waited_long_for_a_channel_is_checked() -> None:
    later, body = NOW + FRESH + timedelta(seconds=1), BODIES[-1]
    assert is_to_be_checked(claim(body), later)
    assert not is_to_be_checked(claim(body), NOW + FRESH)
    assert not is_to_be_checked(claim(body, "U0ALICE001"), later)
    assert not is_to_be_checked(claim(body, drafted_at=None), later)
