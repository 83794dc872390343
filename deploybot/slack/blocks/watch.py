"""A watch's message, and what is told in its thread."""

from deploybot.domain.entry_row import row_of
from deploybot.domain.outgoing import WatchReplyBody
from deploybot.domain.watch import Watch
from deploybot.slack.blocks.elements import repeated, repeated_text, section
from deploybot.slack.blocks.look import Look
from deploybot.slack.blocks.row import row_lines, row_text
from deploybot.slack.limits import Message, fit_message
from deploybot.slack.text import escape


def watch_message(watch: Watch, look: Look, *, repeat: bool = False) -> Message:
    """The message as it is posted, and edited from then on."""
    row, several = row_of(watch.view.entry), look.several_foundations
    return fit_message(
        lambda width: {
            "text": repeated_text(row_text(row, width, several_foundations=several, with_why=True), repeat),
            "blocks": [section(row_lines(row, width, several_foundations=several)), *repeated(repeat)],
        }
    )


def watch_reply_message(body: WatchReplyBody, look: Look, *, repeat: bool = False) -> Message:  # noqa: ARG001
    """A change, or the end of the watch, in its thread."""
    return fit_message(
        lambda width: {
            "text": repeated_text(escape(body.text, width), repeat),
            "blocks": [section([escape(body.text, width)]), *repeated(repeat)],
        }
    )
