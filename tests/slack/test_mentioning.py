"""A mention of the bot is answered in its thread, and an error there is for the asker alone."""

import pytest

from tests.slack.conftest import Desktop


async def test_a_mention_is_answered_in_its_thread_for_everybody(desktop: Desktop) -> None:
    await desktop.send(desktop.mention())
    (posted,) = desktop.slack.called("chat.postMessage")
    assert (posted["channel"], posted["thread_ts"]) == ("C1", "5.5")
    assert posted["text"].startswith("70 deployments of checkout")
    assert desktop.answers.asked[0][1].apps == ("checkout",)


async def test_what_the_bot_posts_itself_links_no_names_and_unfolds_no_links(desktop: Desktop) -> None:
    await desktop.send(desktop.mention())
    (posted,) = desktop.slack.called("chat.postMessage")
    assert {posted[key] for key in ("link_names", "unfurl_links", "unfurl_media")} <= {"0", "False", "false", False}
    await desktop.send(desktop.mention("<@UBOT> sate=x", ts="6.6"))
    (told,) = desktop.slack.called("chat.postEphemeral")
    assert told["link_names"] in {"0", "False", "false", False}


async def test_a_mention_in_a_thread_stays_in_it(desktop: Desktop) -> None:
    await desktop.send(desktop.mention(thread_ts="4.4"))
    assert desktop.slack.called("chat.postMessage")[0]["thread_ts"] == "4.4"


async def test_an_error_after_a_mention_is_for_the_asker_alone(desktop: Desktop) -> None:
    await desktop.send(desktop.mention("<@UBOT> sate=x"))
    assert desktop.slack.called("chat.postMessage") == []
    assert desktop.slack.called("chat.postEphemeral")[0]["user"] == "U1"


@pytest.mark.parametrize(
    "text", ["hey <@UBOT> app=cart", "<@UBOT|deploybot> app=cart", "app=cart <@UBOT>", "<@UEVE> see <@UBOT> app=cart"]
)
async def test_a_mention_may_stand_anywhere_in_a_sentence(desktop: Desktop, text: str) -> None:
    await desktop.send(desktop.mention(text))
    assert desktop.answers.asked[0][1].apps == ("cart",)


async def test_a_mention_that_slack_takes_no_answer_to_is_told_to_the_asker(desktop: Desktop) -> None:
    """In a channel where only some may post, the bot is refused; silence would look like a broken bot."""
    desktop.slack.answers["chat.postMessage"] = {"ok": False, "error": "restricted_action"}
    await desktop.send(desktop.mention())
    (told,) = desktop.slack.called("chat.postEphemeral")
    assert "did not take my answer" in told["text"]
    assert told["thread_ts"] == "5.5"


async def test_a_mention_by_a_bot_is_left_alone(desktop: Desktop) -> None:
    """Two bots that answer each other never stop."""
    await desktop.send(desktop.mention(bot_id="B9"))
    assert (desktop.slack.calls, desktop.answers.asked) == ([], [])
