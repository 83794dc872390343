"""Draws whatever the bot posts by itself, from the value that the outbox keeps."""

from typing import assert_never

from deploybot.domain.outgoing import AlertBody, Claim, DigestBody, NoticeBody, Outdated, ReplyBody, SummaryBody
from deploybot.slack.blocks.alert import alert_message, lost_message, reply_message
from deploybot.slack.blocks.digest import digest_message
from deploybot.slack.blocks.look import Look
from deploybot.slack.blocks.notice import notice_message
from deploybot.slack.blocks.summary import summary_message
from deploybot.slack.limits import Message

PLAIN = Look()


def draw(told: Claim | Outdated, look: Look = PLAIN) -> Message:
    """The message as `text` and `blocks`, within Slack's limits; one that may be there already says so."""
    if isinstance(told, Outdated):
        return alert_message(told.entry, look)
    body, listed, repeat = told.draft.body, len(told.draft.listed), told.repeat
    match body:
        case DigestBody():
            return digest_message(told.message, body, listed, look, repeat=repeat)
        case SummaryBody():
            return summary_message(told.message, body, listed, look, repeat=repeat)
        case NoticeBody():
            return notice_message(body, repeat=repeat)
        case AlertBody():
            if told.entry is None:
                return lost_message(body.foundation, body.guid, repeat=repeat)
            return alert_message(told.entry, look, repeat=repeat)
        case ReplyBody():
            if told.entry is None:
                return lost_message(body.transition.foundation, body.transition.guid, repeat=repeat)
            return reply_message(body.transition, told.entry, look, mentions=body.mentions, repeat=repeat)
    assert_never(body)
