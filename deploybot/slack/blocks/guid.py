"""A deployment's guid, to be copied."""

from deploybot.slack.blocks.elements import plain_text, section
from deploybot.slack.limits import Message, View, fit_message, fit_view
from deploybot.slack.text import code, escape


def guid_message(guid: str) -> Message:
    """The guid in a code span, which double-clicking selects whole."""
    return fit_message(lambda _: {"text": escape(guid), "blocks": [section([code(guid)])]})


def guid_view(guid: str) -> View:
    """The same in a modal."""
    return fit_view(
        lambda _: {
            "type": "modal",
            "title": plain_text("Deployment guid"),
            "close": plain_text("Close"),
            "blocks": [section([code(guid)])],
        }
    )
