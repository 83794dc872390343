"""What somebody is told who has subscribed a channel: what it is, what it would have sent, and what comes next."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from msgspec import structs

from deploybot.domain.outgoing import DigestBody
from deploybot.domain.subscription import Subscription, SubscriptionKind
from deploybot.service.subscriptions import Preview
from deploybot.slack.blocks.change import change_lines
from deploybot.slack.blocks.digest import digest_blocks
from deploybot.slack.blocks.elements import actions, button, context, plain_text, section
from deploybot.slack.blocks.look import Look
from deploybot.slack.blocks.pings import person
from deploybot.slack.blocks.subscription_words import lines, text_line, what
from deploybot.slack.blocks.subscriptions import subscription_value
from deploybot.slack.limits import Block, Message, View, fit_message, fit_view
from deploybot.slack.text import date, escape, plain

_WEEK = timedelta(days=7)
_NOTES = 5
_FAILED, _OPEN, _REST = 3, 2, 4
"""How much of a digest is shown in a preview, where it stands below the form."""


def subscribed_message(
    subscription: Subscription, preview: Preview | None, now: datetime, *, edited: bool = False, warning: str = ""
) -> Message:
    """The confirmation, for who did it alone."""
    return fit_message(
        lambda width: {
            "text": _text(subscription, preview, width, now, edited=edited, warning=warning),
            "blocks": [
                *_blocks(subscription, preview, width, now, edited=edited, warning=warning),
                *actions([_manage(subscription)]),
            ],
        }
    )


def subscribed_view(
    subscription: Subscription, preview: Preview | None, now: datetime, *, edited: bool = False, warning: str = ""
) -> View:
    """The same in the form's place."""
    return fit_view(
        lambda width: {
            "type": "modal",
            "title": plain_text("Saved" if edited else "Subscribed"),
            "close": plain_text("Close"),
            "blocks": list(_blocks(subscription, preview, width, now, edited=edited, warning=warning)),
        }
    )


def subscribed_note(subscription: Subscription, by: str) -> Message:
    """A line for the channel, so that nobody wonders who made the bot speak here."""

    a = "a " if subscription.kind is SubscriptionKind.DIGEST else ""

    def told(width: int) -> str:
        return (
            f"{person(by)} subscribed this channel to {a}{escape(what(subscription), 3 * width)}. "
            "`/deployments subscriptions` shows and changes it."
        )

    return fit_message(lambda width: {"text": told(width), "blocks": [context([told(width)])]})


def preview_blocks(preview: Preview, look: Look, width: int) -> Iterator[Block]:
    """What it would have sent, how often, and the last of it as it would look."""
    yield section([f"*{_would_have_sent(preview)}*", *_notes(preview, width)])
    if preview.digest:
        yield from digest_blocks(0, _short(preview.digest), 0, look, width)
    elif preview.alert:
        yield section(change_lines(*preview.alert, width, several_foundations=look.several_foundations))


def _short(body: DigestBody) -> DigestBody:
    failed, opened, rest = body.failed[:_FAILED], body.open[:_OPEN], body.rest[:_REST]
    hidden = len(body.failed) + len(body.open) + len(body.rest) - len(failed) - len(opened) - len(rest)
    return structs.replace(body, failed=failed, open=opened, rest=rest, more=body.more + hidden, mention="")


def _would_have_sent(preview: Preview) -> str:
    span = "in the last 7 days"
    if preview.until - preview.since < _WEEK - timedelta(minutes=1):
        span = f"since {date(preview.since)} (I remember no more)"
    if not preview.count:
        return f"This would have sent nothing {span}."
    many = "1 message" if preview.count == 1 else f"{preview.count:,} messages"
    is_alert = preview.subscription.kind is SubscriptionKind.ALERT
    fewer = ", fewer where many came at once" if is_alert and preview.count > 1 else ""
    last = "; the last one:" if preview.digest or preview.alert else "."
    return f"This would have sent {many} {span}{fewer}{last}"


def _notes(preview: Preview, width: int) -> list[str]:
    return [escape(note, 3 * width) for note in preview.notes[:_NOTES]]


def _blocks(
    subscription: Subscription, preview: Preview | None, width: int, now: datetime, *, edited: bool, warning: str
) -> Iterator[Block]:
    yield section([f"*{_head(edited)}*", *lines(subscription, width, now)])
    if warning:
        yield {"type": "section", "text": plain_text(f"⚠️ {plain(warning)}")}
    if preview:
        yield context([_counted(preview), *_notes(preview, width)])


def _counted(preview: Preview) -> str:
    """The preview's count alone: the message itself is on its way already."""
    return _would_have_sent(replace(preview, digest=None, alert=None))


def _head(edited: bool) -> str:
    return "Saved" if edited else "This channel is subscribed"


def _manage(subscription: Subscription) -> dict[str, object]:
    value = subscription_value(subscription.channel, 0)
    return button("subs_show", "All subscriptions", value, "Show all subscriptions of this channel")


def _text(
    subscription: Subscription, preview: Preview | None, width: int, now: datetime, *, edited: bool, warning: str
) -> str:
    counted = [_counted(preview), *_notes(preview, width)] if preview else []
    parts = [f"{_head(edited)}: {text_line(subscription, width, now)}", escape(warning, 4 * width), *counted]
    return "\n".join(filter(None, parts))
