"""A click on a request for a second person is decided in its channel, and answered to the clicker alone."""

from dataclasses import dataclass, field

import pytest

from deploybot.errors import UpstreamError, UserError
from deploybot.slack.approving import approving_feature
from deploybot.slack.feature import FeatureMaker
from tests.slack.conftest import Desktop


@dataclass
class Deciding:
    """Remembers who decided what where; raises what it is told to."""

    clicks: list[tuple[str, ...]] = field(default_factory=list)
    problem: Exception | None = None

    async def agree(self, approval_id: str, user: str, channel: str) -> str:
        return self._told("agree", approval_id, user, channel)

    async def decline(self, approval_id: str, user: str, channel: str) -> str:
        return self._told("decline", approval_id, user, channel)

    def _told(self, *click: str) -> str:
        self.clicks.append(click)
        if self.problem:
            raise self.problem
        return f"{click[0]}: done."


@pytest.fixture
def deciding() -> Deciding:
    return Deciding()


@pytest.fixture
def features(deciding: Deciding) -> tuple[FeatureMaker, ...]:
    return (approving_feature(deciding),)


@pytest.mark.parametrize("word", ["agree", "decline"])
async def test_a_click_is_decided_and_the_clicker_alone_is_told(
    desktop: Desktop, deciding: Deciding, word: str
) -> None:
    await desktop.send(desktop.click(f"approve_{word}", "a1", shared=True))
    assert deciding.clicks == [(word, "a1", "U1", "C1")]
    assert desktop.posted["text"] == f"{word}: done."
    assert desktop.posted["response_type"] == "ephemeral"
    assert desktop.posted["replace_original"] is False


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        (UserError("You asked for this yourself."), "You asked for this yourself."),
        (UpstreamError("eu", "it is away"), "eu could not answer: it is away"),
    ],
)
async def test_who_is_refused_is_told_alone(
    desktop: Desktop, deciding: Deciding, problem: Exception, said: str
) -> None:
    deciding.problem = problem
    await desktop.send(desktop.click("approve_agree", "a1", shared=True))
    assert desktop.posted["text"] == said
    assert desktop.posted["response_type"] == "ephemeral"


@pytest.mark.parametrize(("action", "value"), [("approve_agree", ""), ("approve_maybe", "a1")])
async def test_what_is_no_button_of_a_request_decides_nothing(
    desktop: Desktop, deciding: Deciding, action: str, value: str
) -> None:
    await desktop.send(desktop.click(action, value, shared=True))
    assert deciding.clicks == []
    assert "not one of mine" in desktop.posted["text"]
