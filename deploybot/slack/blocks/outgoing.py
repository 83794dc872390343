"""Draws whatever the bot posts by itself, from the value that the outbox keeps."""

from typing import assert_never

from deploybot.domain.outgoing import (
    AlertBody,
    ApprovalBody,
    Claim,
    DigestBody,
    Edit,
    GuardBody,
    NoticeBody,
    Outdated,
    ReplyBody,
    SummaryBody,
    WatchBody,
    WatchReplyBody,
)
from deploybot.slack.blocks.alert import alert_message, lost_message, reply_message
from deploybot.slack.blocks.approval import approval_message, guard_message
from deploybot.slack.blocks.digest import digest_message
from deploybot.slack.blocks.look import Look
from deploybot.slack.blocks.notice import notice_message
from deploybot.slack.blocks.summary import summary_message
from deploybot.slack.blocks.watch import watch_message, watch_reply_message
from deploybot.slack.limits import Message

PLAIN = Look()


def draw(told: Claim | Outdated | Edit, look: Look = PLAIN) -> Message:
    """The message as `text` and `blocks`, within Slack's limits; one that may be there already says so."""
    if isinstance(told, Outdated):
        return alert_message(told.entry, look)
    if isinstance(told, Edit):
        return _edited(told, look)
    body, listed, repeat = told.draft.body, len(told.draft.listed), told.repeat
    match body:
        case WatchBody():
            return watch_message(body.watch, look, repeat=repeat)
        case WatchReplyBody():
            return watch_reply_message(body, look, repeat=repeat)
        case ApprovalBody():
            return approval_message(body.approval, look, repeat=repeat)
        case GuardBody():
            return guard_message(body, look, repeat=repeat)
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


def _edited(edit: Edit, look: Look) -> Message:
    """Only what is edited later can be drawn without its place in the outbox."""
    match edit.body:
        case WatchBody(watch=watch):
            return watch_message(watch, look)
        case ApprovalBody(approval=approval):
            return approval_message(approval, look)
        case GuardBody() as body:
            return guard_message(body, look)
        case _:
            raise ValueError(f"a {type(edit.body).__name__} is never edited")
