"""A channel's subscriptions, a page at a time, with buttons to change each."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from deploybot.domain.subscription import Subscription, SubscriptionKind
from deploybot.errors import UserError
from deploybot.slack.blocks.elements import Element, actions, button, context, header, plain_text, section
from deploybot.slack.blocks.subscription_words import lines, text_line, what
from deploybot.slack.limits import Block, Message, View, fit_message, fit_view
from deploybot.slack.text import plain

ON_A_PAGE = 8
"""A message holds 50 blocks and 10,000 characters; a subscription takes two blocks and, at worst, a thousand."""
_VALUE = re.compile(r"([CDG][A-Z0-9]{1,30}):([0-9]{1,4}):([A-Za-z0-9_-]{0,64})")
_OLD = "This button is not one of mine any more: type /deployments subscriptions."


@dataclass(frozen=True, slots=True)
class SubscriptionsPage:
    """The subscriptions of a channel, those from `skip` on to be shown; `told` is what has just been done."""

    channel: str
    subscriptions: tuple[Subscription, ...]
    now: datetime
    skip: int = 0
    told: str = ""

    @property
    def shown(self) -> tuple[Subscription, ...]:
        return self.subscriptions[self.start : self.start + ON_A_PAGE]

    @property
    def start(self) -> int:
        """Where the page begins; the last page where what it would begin with has been removed."""
        last = max(0, len(self.subscriptions) - 1) // ON_A_PAGE * ON_A_PAGE
        return min(self.skip // ON_A_PAGE * ON_A_PAGE, last)


def subscription_value(channel: str, skip: int, subscription_id: str = "") -> str:
    """What a button of the list carries: the channel, the page, and the subscription that it means."""
    return f"{channel}:{skip}:{subscription_id}"


def parse_subscription_value(text: str) -> tuple[str, int, str]:
    """What `subscription_value` wrote; a UserError for anything else."""
    found = _VALUE.fullmatch(text)
    if not found:
        raise UserError(_OLD)
    return found[1], int(found[2]), found[3]


def subscriptions_message(page: SubscriptionsPage) -> Message:
    """The list as a message."""
    return fit_message(lambda width: {"text": _text(page, width), "blocks": list(_blocks(page, width))})


def subscriptions_view(page: SubscriptionsPage) -> View:
    """The list in a modal."""
    return fit_view(
        lambda width: {
            "type": "modal",
            "title": plain_text("Subscriptions"),
            "close": plain_text("Close"),
            "blocks": list(_blocks(page, width)),
        }
    )


def _blocks(page: SubscriptionsPage, width: int) -> Iterator[Block]:
    if page.told:
        yield {"type": "section", "text": plain_text(plain(page.told, 300))}
    yield header(_head(page))
    if not page.subscriptions:
        yield section(["Type `/deployments subscribe` to make one, or press the button."])
    for one in page.shown:
        yield section(lines(one, width, page.now))
        yield from actions(list(_buttons(page, one)))
    yield context(["Everybody in this channel may change them."])
    yield from actions(list(_turns(page)))


def _head(page: SubscriptionsPage) -> str:
    count = len(page.subscriptions)
    if not count:
        return "This channel has no subscriptions"
    head = "1 subscription" if count == 1 else f"{count} subscriptions"
    pages = -(-count // ON_A_PAGE)
    at = f", page {page.start // ON_A_PAGE + 1} of {pages}" if pages > 1 else ""
    return f"{head} of this channel{at}"


def _buttons(page: SubscriptionsPage, one: Subscription) -> Iterator[Element]:
    value = subscription_value(page.channel, page.start, one.id)
    name = plain(what(one), 40)
    yield button("subs_edit", "Edit…", value, f"Edit the {name}")
    if one.paused or (one.snoozed_until and one.snoozed_until > page.now):
        yield button("subs_resume", "Resume", value, f"Resume the {name}")
    else:
        yield button("subs_pause", "Pause", value, f"Pause the {name}")
        yield button("subs_hour", "Snooze 1 h", value, f"Snooze for an hour: the {name}")
        yield button("subs_tomorrow", "Snooze until tomorrow", value, f"Snooze until tomorrow: the {name}")
    if one.kind is SubscriptionKind.DIGEST and not one.paused:
        yield button("subs_send", "Send now", value, f"Send now: the {name}")
    yield {
        **button("subs_remove", "Remove", value, f"Remove the {name}"),
        "style": "danger",
        "confirm": _confirm(one),
    }


def _confirm(one: Subscription) -> Element:
    return {
        "title": plain_text("Remove this subscription?"),
        "text": plain_text(plain(f"The {what(one)} will not be sent here any more.", 280)),
        "confirm": plain_text("Remove"),
        "deny": plain_text("Keep it"),
    }


def _turns(page: SubscriptionsPage) -> Iterator[Element]:
    if page.start:
        before = subscription_value(page.channel, page.start - ON_A_PAGE)
        yield button("subs_previous", "◀ Previous", before, "Previous page of subscriptions")
    if page.start + ON_A_PAGE < len(page.subscriptions):
        after = subscription_value(page.channel, page.start + ON_A_PAGE)
        yield button("subs_next", "Next ▶", after, "Next page of subscriptions")
    yield button("subs_new", "Subscribe…", subscription_value(page.channel, page.start), "Make a new subscription")


def _text(page: SubscriptionsPage, width: int) -> str:
    told = [plain(page.told, 300)] if page.told else []
    return "\n".join([*told, _head(page), *_told(page.shown, width, page.now)])


def _told(shown: Sequence[Subscription], width: int, now: datetime) -> Iterator[str]:
    return (text_line(one, width, now) for one in shown)
