"""What is said instead of an answer: a sentence for the person, or an apology with a reference to the log."""

from collections.abc import Sequence

from deploybot.slack.blocks.elements import Element, actions, plain_text
from deploybot.slack.limits import Message, View, fit_message, fit_view
from deploybot.slack.text import ELLIPSIS, clean, escape

_SENTENCE = 2_900
WAITING = "Asking Cloud Foundry…"
BUSY = "I am still working on your last questions: please wait for their answers, then ask again."
RESTARTING = "I am being restarted, and could not finish this: please ask again in a minute."
UNDELIVERED = "Slack did not take my answer here. Ask again with /deployments: that answers you alone, in any channel."
UNCLEAR = "Slack did not say whether it took my answer. If you do not see it, ask again."
STRANGER = "I only answer people of the workspace that I am installed in."


def sentence(text: str, buttons: Sequence[Element] = ()) -> Message:
    """A sentence as is: plain text, so that nothing in it pings or formats."""
    block = {"type": "section", "text": plain_text(_lines(text))}
    return fit_message(lambda _: {"text": escape(text) or ELLIPSIS, "blocks": [dict(block), *actions(buttons)]})


def sentence_view(text: str, title: str = "Deployments") -> View:
    """A sentence in a modal."""
    return fit_view(
        lambda _: {
            "type": "modal",
            "title": plain_text(title),
            "close": plain_text("Close"),
            "blocks": [{"type": "section", "text": plain_text(_lines(text))}],
        }
    )


def apology(reference: str) -> str:
    """For what is a bug: honest, and findable in the log."""
    return f"Sorry, something went wrong on my side. If it happens again, tell my operators this reference: {reference}"


def _lines(text: str) -> str:
    cleaned = "\n".join(map(clean, text.splitlines()))
    return cleaned[:_SENTENCE] + ELLIPSIS if len(cleaned) > _SENTENCE else cleaned
