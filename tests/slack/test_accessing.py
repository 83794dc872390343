"""`/deployments access` in Slack: in words, with the rule, for the asker alone."""

import time
from functools import partial
from typing import Any

import pytest

from deploybot.domain.access import Audience, Right, Someone
from deploybot.domain.pattern import Pattern
from deploybot.service.accessing import Accessing
from deploybot.slack.accessing import accessing_feature
from deploybot.slack.feature import FeatureMaker
from tests.domain.access_rules import deny, rule
from tests.fake_directory import FakeDirectory
from tests.fake_foundation import FakeFoundation, app
from tests.slack.block_rules import assert_message
from tests.slack.conftest import Desktop

SECRET = (Pattern(orgs=("secret-org",)),)
RULES = (
    rule("members", may=Right.READ, name="rule 1"),
    deny("members", may=Right.READ, on=SECRET, name="rule 2"),
    rule("@oncall", may={Right.CONTINUE}, on=(Pattern(spaces=("prod*",)),), approvals=1, name='the rule "on <call>"'),
)
ALICE = Someone("U1", frozenset({"@oncall"}), unsure=frozenset({"@contractors"}))


@pytest.fixture
def directory() -> FakeDirectory:
    return FakeDirectory({"U1": ALICE})


@pytest.fixture
def features(directory: FakeDirectory) -> tuple[FeatureMaker, ...]:
    apps = [app("checkout", "g-1"), app("vault", "g-2", org="secret-org")]
    accessing = Accessing(RULES, directory, (FakeFoundation("eu", known_apps=apps),))
    return (partial(accessing_feature, accessing, 5.0, time.monotonic),)


def _text(payload: dict[str, Any]) -> str:
    assert_message(payload)
    return "\n".join(str(block) for block in payload["blocks"])


async def test_each_right_is_told_with_the_rule_that_says_so(desktop: Desktop) -> None:
    await desktop.send(desktop.command("access"))
    text = _text(desktop.posted)
    assert "*read*: everything (rule 1), but not what rule 2 denies" in text
    assert "*watch*: everything; members of the workspace may, since no rule speaks of it" in text
    assert 'only `space=prod*`, if a second person agrees (the rule "on &lt;call&gt;")' in text.replace("\\'", "'")
    assert "*cancel*: nothing here; no rule allows it" in text
    assert "I can't tell who is in `@contractors`" in text
    assert desktop.posted["response_type"] == "ephemeral"


async def test_what_a_deny_hides_is_not_told(desktop: Desktop) -> None:
    await desktop.send(desktop.command("access"))
    assert "secret-org" not in _text(desktop.posted)


async def test_for_an_app_it_says_yes_or_no(desktop: Desktop) -> None:
    await desktop.send(desktop.command("access app=checkout"))
    text = _text(desktop.posted)
    assert "*eu/shop/prod/checkout*" in text
    assert "continue: yes, if a second person agrees; the rule" in text
    assert "cancel: no; no rule allows it" in text


async def test_an_app_that_may_not_be_read_is_not_there(desktop: Desktop) -> None:
    await desktop.send(desktop.command("access app=vault"))
    assert "I can see no app called 'vault'" in desktop.posted["text"]
    assert "secret-org" not in str(desktop.posted)


@pytest.mark.parametrize(
    ("audience", "said"),
    [
        (Audience(only_members=True), "messages show everything"),
        (Audience(only_members=False), "messages show nothing here; no rule allows it"),
        (None, "Slack does not tell me who is here"),
    ],
)
async def test_what_all_here_may_read_is_told_beside(
    desktop: Desktop, directory: FakeDirectory, audience: Audience | None, said: str
) -> None:
    directory.channels["C1"] = audience
    await desktop.send(desktop.command("access"))
    assert said in _text(desktop.posted)


async def test_it_is_never_told_aloud(desktop: Desktop) -> None:
    await desktop.send(desktop.command("access public"))
    assert "Leave public out of access" in desktop.posted["text"]
    await desktop.send(desktop.mention("<@UBOT> access"))
    assert desktop.slack.called("chat.postMessage") == []
    assert len(desktop.slack.called("chat.postEphemeral")) == 1
