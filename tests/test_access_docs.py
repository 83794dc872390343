"""The examples in docs/access.md load, and do what is written below them."""

import re
from pathlib import Path

import pytest

from deploybot.domain.access import Audience, Right, Someone, Target, decide_act
from deploybot.service.reading import where_of
from deploybot.settings.loading import load

TEXT = (Path(__file__).parents[1] / "docs" / "access.md").read_text()
EXAMPLES = dict(re.findall(r"^### (.*?)\n+```toml\n(.*?)```", TEXT, re.MULTILINE | re.DOTALL))
ENVIRON = {"CF_API": "https://api.cf.example", "CF_CLIENT_ID": "bot", "CF_CLIENT_SECRET": "s3cret"}

MEMBER, ONCALL = Someone("U1"), Someone("U2", frozenset({"@oncall"}))
GUEST, MIXED = Someone("U3", is_member=False), Audience(only_members=False)
CHECKOUT = Target("cf", "shop", "production", "checkout")
ON_CALL, TWO, GUESTS, LEDGER = (
    "On call acts in production, from their channel",
    "Two people for what earns the money",
    "A channel with guests",
    "Nobody touches the ledger",
)


def test_every_example_is_tried_below() -> None:
    assert set(EXAMPLES) == {ON_CALL, TWO, GUESTS, LEDGER}


@pytest.mark.parametrize(
    ("example", "viewer", "right", "channel", "target", "allowed", "approvals"),
    [
        (ON_CALL, ONCALL, Right.CONTINUE, "C0ONCALL1", CHECKOUT, True, 0),
        (ON_CALL, ONCALL, Right.CONTINUE, "C0OTHER01", CHECKOUT, False, 0),
        (ON_CALL, MEMBER, Right.CONTINUE, "C0ONCALL1", CHECKOUT, False, 0),
        (ON_CALL, MEMBER, Right.READ, "C0OTHER01", CHECKOUT, True, 0),
        (TWO, MEMBER, Right.CANCEL, "C0OTHER01", CHECKOUT, True, 1),
        (TWO, MEMBER, Right.CANCEL, "C0OTHER01", Target("cf", "shop", "staging", "checkout"), True, 0),
        (TWO, MEMBER, Right.CANCEL, "D0MEMBER1", CHECKOUT, False, 0),
        (GUESTS, GUEST, Right.READ, "C0PORTAL1", Target("cf", "web", "prod", "portal-eu"), True, 0),
        (GUESTS, GUEST, Right.READ, "C0PORTAL1", CHECKOUT, False, 0),
        (GUESTS, MIXED, Right.READ, "C0PORTAL1", Target("cf", "web", "prod", "portal-eu"), True, 0),
        (GUESTS, MIXED, Right.READ, "C0PORTAL1", CHECKOUT, False, 0),
        (GUESTS, MEMBER, Right.READ, "C0PORTAL1", CHECKOUT, True, 0),
        (LEDGER, MEMBER, Right.CANCEL, "C0OTHER01", Target("cf", "bank", "prod", "ledger"), False, 0),
        (LEDGER, MEMBER, Right.CANCEL, "C0OTHER01", CHECKOUT, True, 0),
    ],
)
def test_an_example_does_what_is_written_below_it(
    tmp_path: Path,
    example: str,
    viewer: Someone | Audience,
    right: Right,
    channel: str,
    target: Target,
    allowed: bool,
    approvals: int,
) -> None:
    file = tmp_path / "bot.toml"
    file.write_text(EXAMPLES[example])
    rules = load(file, ENVIRON, transport=None).access.to_rules()
    decision = decide_act(rules, viewer, right, where_of(channel), target)
    assert (decision.allowed, decision.approvals) == (allowed, approvals)
