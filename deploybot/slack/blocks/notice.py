"""A sentence of the bot's own, with a button that resumes the subscription that it is about."""

from deploybot.domain.outgoing import NoticeBody
from deploybot.slack.blocks.elements import actions, button, repeated, repeated_text, section
from deploybot.slack.blocks.pings import pings, with_channels
from deploybot.slack.limits import BUTTON_VALUE, Message, fit_message
from deploybot.slack.text import ELLIPSIS, size


def notice_message(body: NoticeBody, *, repeat: bool = False) -> Message:
    """The sentence, after whom it pings; the channels that it names are links."""
    told = " ".join(filter(None, [pings(body.mentions), with_channels(body.text).strip()])) or ELLIPSIS
    resume = (
        [button("resume", "Resume", body.resume, "Resume this subscription")]
        if body.resume and size(body.resume) <= BUTTON_VALUE
        else []
    )
    return fit_message(
        lambda _: {
            "text": repeated_text(told, repeat),
            "blocks": [section([told]), *actions(resume), *repeated(repeat)],
        }
    )
