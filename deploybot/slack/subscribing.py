"""What people do with a channel's subscriptions in chat: make, list, pause, snooze, resume, remove and send now."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from deploybot.domain.query import SubscribeAsk
from deploybot.domain.subscription import Subscription
from deploybot.errors import UpstreamError, UserError
from deploybot.service.subscriptions import NOBODY, Mention, Preview, Snooze, mention_of
from deploybot.slack.blocks.listed import ROWS, ListedPage, listed_message, listed_view, parse_list_value
from deploybot.slack.blocks.problem import sentence, sentence_view
from deploybot.slack.blocks.subscribed import subscribed_message, subscribed_note, subscribed_view
from deploybot.slack.blocks.subscription_words import what
from deploybot.slack.blocks.subscriptions import (
    SubscriptionsPage,
    parse_subscription_value,
    subscriptions_message,
    subscriptions_view,
)
from deploybot.slack.channels import refuse_where_silent
from deploybot.slack.delivery import Delivery, Manner, Shown
from deploybot.slack.payload import Interaction
from deploybot.slack.people import People
from deploybot.slack.standing import Standing
from deploybot.slack.usergroups import UserGroups
from deploybot.slack.webapi import WEB_ERRORS, reason_of

log = structlog.get_logger(__name__)

_GROUP = "group:"
_OLD = "This button is not one of mine any more: type /deployments subscriptions."
_CANT_POST = "I could not post here myself. Invite me with /invite @{bot}, else nothing will come."


class ChannelSubscriptions:
    """Asks, and shows the answer. Errors are left to the guard that runs this."""

    def __init__(
        self,
        standing: Standing,
        delivery: Delivery,
        people: People,
        groups: UserGroups,
        client: AsyncWebClient,
        now: Callable[[], float],
        bot: str,
    ) -> None:
        self._bot = bot
        self._standing = standing
        self._delivery = delivery
        self._people = people
        self._groups = groups
        self._client = client
        self._now = now

    async def subscribe(self, asked: Interaction, ask: SubscribeAsk) -> None:
        """Make a subscription at once, and tell its maker what comes of it."""
        channel, by = asked.place.channel, asked.asker.user
        await self.refuse_where_silent(channel)
        ask = await self.settled(ask, by)
        mention = await self.mention(ask.mention, by)
        made, warning = await self.make(ask, channel, by, mention)
        ahead = await self.ahead(ask, channel, by, mention)
        message = partial(subscribed_message, made, ahead, self.now(), warning=warning)
        view = partial(subscribed_view, made, ahead, self.now(), warning=warning)
        await self._delivery.show(asked, Shown(message, view), Manner.ALONE)

    async def refuse_where_silent(self, channel: str) -> None:
        """A UserError where the bot certainly can't post."""
        await refuse_where_silent(self._client, channel, self._bot)

    async def make(self, ask: SubscribeAsk, channel: str, by: str, mention: Mention) -> tuple[Subscription, str]:
        """A new subscription, of which the channel is told in a line; with a sentence where it could not be."""
        made = await self._standing.subscribes.create(ask, channel, by, self.now(), mention)
        log.info("subscribed", subscription=made.id, channel=channel, by=by)
        return made, await self._note(made, by)

    async def settled(self, ask: SubscribeAsk, user: str) -> SubscribeAsk:
        """What is asked, with the person's own accounts, and in their own zone where they named none."""
        ask = replace(ask, query=await self._people.mine(ask.query, user))
        return ask if ask.tz else replace(ask, tz=(await self._people.profile(user)).zone)

    async def mention(self, word: str, asker: str) -> Mention:
        """Who is to be pinged; a UserError for a group that there is not."""
        if not word:
            return NOBODY
        if word.startswith(_GROUP):
            group = await self._groups.by_id(word.removeprefix(_GROUP))
        elif word.startswith("@"):
            group = await self._groups.by_handle(word)
        else:
            return mention_of(word, asker) or NOBODY
        return Mention(group.mention, f"@{group.handle}")

    async def ahead(self, ask: SubscribeAsk, channel: str, by: str, mention: Mention) -> Preview | None:
        """What it would have sent; None where that can't be told, since the subscription itself stands."""
        try:
            return await self._standing.subscribes.preview(ask, channel, by, self.now(), mention)
        except (UserError, UpstreamError) as problem:
            log.warning("no preview", reason=str(problem), channel=channel)
            return None

    async def _note(self, made: Subscription, by: str) -> str:
        """Tell the channel that it was subscribed; a sentence where the bot can't post there."""
        try:
            await self._client.chat_postMessage(
                channel=made.channel,
                **subscribed_note(made, by),
                link_names=False,
                unfurl_links=False,
                unfurl_media=False,
            )
        except SlackApiError as problem:
            log.warning("channel not told of its subscription", reason=reason_of(problem), channel=made.channel)
            return _CANT_POST.format(bot=self._bot)
        except WEB_ERRORS as problem:
            log.warning("channel not told of its subscription", reason=type(problem).__name__, channel=made.channel)
        return ""

    async def list(self, asked: Interaction) -> None:
        """All of the channel, for the asker alone: names in it would ping in a message for everybody."""
        await self._standing.subscribes.check_look(asked.asker.user, asked.place.channel)
        await self._list(asked, asked.place.channel, 0, Manner.ALONE)

    async def click(self, asked: Interaction) -> None:
        """A button of the list."""
        channel, skip, subscription = parse_subscription_value(asked.text)
        how = asked.action.removeprefix("subs_")
        if how in {"show", "next", "previous"}:
            await self._standing.subscribes.check_look(asked.asker.user, channel)
            alone = asked.place.shared or how == "show"
            await self._list(asked, channel, skip, Manner.ALONE if alone else Manner.IN_PLACE)
            return
        act = self._acts().get(how)
        if not act:
            raise UserError(_OLD)
        await self._standing.subscribes.check_change(asked.asker.user, channel)
        told = await act(subscription, channel, asked.asker.user)
        log.info("subscription changed", subscription=subscription, channel=channel, by=asked.asker.user, how=how)
        await self._list(asked, channel, skip, Manner.ALONE if asked.place.shared else Manner.IN_PLACE, told)

    def _acts(self) -> dict[str, Callable[[str, str, str], Awaitable[str]]]:
        return {
            "pause": self._pause,
            "resume": self._resume,
            "hour": partial(self._snooze, length=Snooze.HOUR),
            "tomorrow": partial(self._snooze, length=Snooze.TOMORROW),
            "remove": self._remove,
            "send": self._send,
        }

    async def _pause(self, subscription: str, channel: str, by: str) -> str:
        return f"Paused: {what(await self._standing.subscribes.pause(subscription, channel, by, self.now()))}."

    async def _resume(self, subscription: str, channel: str, by: str) -> str:
        return f"Resumed: {what(await self._standing.subscribes.resume(subscription, channel, by, self.now()))}."

    async def _snooze(self, subscription: str, channel: str, by: str, *, length: Snooze) -> str:
        snoozed = await self._standing.subscribes.snooze(subscription, channel, by, length, self.now())
        return f"Snoozed: {what(snoozed)}."

    async def _remove(self, subscription: str, channel: str, by: str) -> str:
        return f"Removed: {what(await self._standing.subscribes.remove(subscription, channel, by))}."

    async def _send(self, subscription: str, channel: str, _: str) -> str:
        if await self._standing.subscribes.send_now(subscription, channel, self.now()):
            return "The digest is on its way into the channel."
        return "Nothing happened since the last digest, so there is nothing to send."

    async def _list(self, asked: Interaction, channel: str, skip: int, manner: Manner, told: str = "") -> None:
        found = await self._standing.subscribes.of_channel(channel, asked.asker.user)
        page = SubscriptionsPage(channel, found, self.now(), skip, told)
        shown = Shown(partial(subscriptions_message, page), partial(subscriptions_view, page))
        await self._delivery.show(asked, shown, manner)

    async def resume(self, asked: Interaction) -> None:
        """The button of a notice, which stands in a direct message: the notice becomes the answer."""
        found = await self._standing.find(asked.text)
        if found is None:
            raise UserError("That subscription has been removed: type /deployments subscribe in the channel.")
        await self._standing.subscribes.check_change(asked.asker.user, found.channel)
        resumed = await self._standing.subscribes.resume(found.id, found.channel, asked.asker.user, self.now())
        log.info("subscription resumed", subscription=found.id, channel=found.channel, by=asked.asker.user)
        told = f"Resumed: {what(resumed)}. What was held back is sent now."
        await self._delivery.show(
            asked, Shown(partial(sentence, told), partial(sentence_view, told, "Subscription")), Manner.IN_PLACE
        )

    async def listed(self, asked: Interaction) -> None:
        """A page of all that a message stands for, for the clicker alone."""
        message, skip = parse_list_value(asked.text)
        total, entries = await self._standing.listed(message, skip, ROWS, asked.asker.user, asked.place.channel)
        if not total:
            raise UserError("What this message stood for is no longer remembered.")
        page, look = ListedPage(message, skip, total, entries), self._standing.look
        manner = Manner.ALONE if asked.place.shared else Manner.IN_PLACE
        await self._delivery.show(
            asked, Shown(partial(listed_message, page, look), partial(listed_view, page, look)), manner
        )

    def now(self) -> datetime:
        """This moment."""
        return datetime.fromtimestamp(self._now(), UTC)
