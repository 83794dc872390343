"""What is noted about answers: how somebody asked, for what in one of a few words, and what became of it."""

import asyncio

import pytest
from slack_bolt.request.async_request import AsyncBoltRequest

from deploybot.domain.query import Verb
from deploybot.domain.telemetry import Answered, AnswerOutcome, How
from deploybot.errors import UpstreamError, UserError
from deploybot.slack.answers import Asker
from deploybot.slack.payload import Interaction, Place
from deploybot.slack.verbs import Verbs
from tests.slack.conftest import Desktop
from tests.slack.fake_slack import JSON

CLICKS, FORMS = frozenset({"turn", "act"}), frozenset({"filter", "act"})


def noted(desktop: Desktop) -> list[tuple[How, str, AnswerOutcome]]:
    return [(one.how, one.verb, one.outcome) for one in desktop.telemetry.of(Answered)]


@pytest.mark.parametrize(
    ("text", "verb", "outcome"),
    [
        ("app=checkout", "list", AnswerOutcome.ANSWERED),
        ("help", "help", AnswerOutcome.ANSWERED),
        ("show checkout", "show", AnswerOutcome.ANSWERED),
        ("whoami", "whoami", AnswerOutcome.TOLD),
        ("frobnicate my-secret-app", "other", AnswerOutcome.TOLD),
    ],
)
async def test_a_command_is_noted_by_its_verb(desktop: Desktop, text: str, verb: str, outcome: AnswerOutcome) -> None:
    await desktop.send(desktop.command(text))
    assert noted(desktop) == [(How.COMMAND, verb, outcome)]


async def test_each_way_of_asking_is_noted_as_such(desktop: Desktop) -> None:
    await desktop.send(desktop.mention("hey <@UBOT> help"))
    await desktop.send(desktop.click("turn"))
    await desktop.send(desktop.click("somebody_elses_button"))
    assert noted(desktop) == [
        (How.MENTION, "help", AnswerOutcome.ANSWERED),
        (How.CLICK, "turn", AnswerOutcome.ANSWERED),
        (How.CLICK, "other", AnswerOutcome.TOLD),
    ]


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (UserError("Say which app."), AnswerOutcome.TOLD),
        (UpstreamError("eu", "did not answer in time"), AnswerOutcome.UPSTREAM),
        (RuntimeError("a bug"), AnswerOutcome.BUG),
    ],
)
async def test_what_became_of_an_answer_is_noted(desktop: Desktop, error: Exception, outcome: AnswerOutcome) -> None:
    desktop.answers.error = error
    await desktop.send(desktop.command())
    assert noted(desktop) == [(How.COMMAND, "list", outcome)]


async def test_a_sentence_in_a_modal_that_was_opened_for_the_answer_is_no_answer(desktop: Desktop) -> None:
    desktop.answers.error = UserError("There is no such deployment.")
    await desktop.send(desktop.choice("details:eu/d1"))
    assert noted(desktop) == [(How.CLICK, "row", AnswerOutcome.TOLD)]


async def test_an_answer_that_slack_does_not_take_is_noted(desktop: Desktop) -> None:
    desktop.slack.hook_statuses.extend([404, 404])
    desktop.slack.answers["chat.postEphemeral"] = {"ok": False, "error": "channel_not_found"}
    desktop.slack.answers["views.open"] = {"ok": False, "error": "expired_trigger_id"}
    await desktop.send(desktop.command())
    assert noted(desktop) == [(How.COMMAND, "list", AnswerOutcome.UNDELIVERED)]


async def test_strangers_and_the_impatient_are_counted(desktop: Desktop) -> None:
    await desktop.send(desktop.command(team_id="TOTHER", user_id="U9"))
    desktop.answers.delay = 0.05
    for number in range(5):
        body = desktop.command(trigger_id=f"many.{number}")
        await desktop.bot.app.async_dispatch(AsyncBoltRequest(mode="socket_mode", body=body))
    await desktop.bot.desk.drain(5)
    outcomes = [outcome for _, _, outcome in noted(desktop)]
    assert outcomes[0] is AnswerOutcome.STRANGER
    assert sorted(outcomes[1:]) == [AnswerOutcome.ANSWERED] * 4 + [AnswerOutcome.BUSY]


async def test_one_that_is_stopped_with_the_bot_is_noted(desktop: Desktop) -> None:
    desktop.answers.delay = 60
    await desktop.bot.app.async_dispatch(AsyncBoltRequest(mode="socket_mode", body=desktop.command()))
    await asyncio.sleep(0)
    await desktop.bot.desk.drain(0.05)
    assert noted(desktop) == [(How.COMMAND, "list", AnswerOutcome.STOPPED)]


async def test_what_comes_twice_is_counted_once(desktop: Desktop) -> None:
    body: JSON = desktop.command()
    await desktop.send(body)
    await desktop.send(body)
    assert len(noted(desktop)) == 1


async def test_a_request_is_one_trace(desktop: Desktop) -> None:
    await desktop.send(desktop.command("show checkout"))
    root, *inside = desktop.telemetry.spans
    assert (root.name, root.facts, root.around) == ("slack request", {"how": "command", "verb": "show"}, None)
    assert [(span.name, span.around) for span in inside] == [("slack delivery", root)]


@pytest.mark.parametrize("text", ["@here", "state=failed secret=1", "list list", "x" * 3000, "", "\0", "é"])
@pytest.mark.parametrize("how", How)
def test_whatever_is_typed_becomes_one_of_a_few_words(text: str, how: How) -> None:
    verbs = Verbs(CLICKS, FORMS, "UBOT")
    asked = Interaction("k", Asker("U1", "T1", "C1"), Place(), how=how, action=text, text=text)
    assert verbs(asked) in {*Verb, *CLICKS, *FORMS, "other"}
