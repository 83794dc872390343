"""The form of a subscription while it is open: opened, redrawn, looked ahead in and sent; and whom to mention."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import structlog

from deploybot.domain.query import SubscribeAsk
from deploybot.errors import UpstreamError, UserError
from deploybot.service.subscriptions import Preview, ask_of
from deploybot.slack.blocks.elements import Element, option
from deploybot.slack.blocks.filter_modal import FormError
from deploybot.slack.blocks.problem import sentence_view
from deploybot.slack.blocks.subscribe_form import Filled, filled_from, filled_from_view, fresh, read_filled
from deploybot.slack.blocks.subscribe_modal import FORM_PREVIEW, Ahead, FormOf, parse_form, subscribe_view
from deploybot.slack.blocks.subscribed import preview_blocks, subscribed_view
from deploybot.slack.blocks.subscriptions import parse_subscription_value
from deploybot.slack.delivery import Delivery
from deploybot.slack.guard import Guard, Work
from deploybot.slack.payload import Body, Interaction, Place
from deploybot.slack.people import People
from deploybot.slack.standing import Standing
from deploybot.slack.subscribing import ChannelSubscriptions
from deploybot.slack.text import plain
from deploybot.slack.usergroups import UserGroups

log = structlog.get_logger(__name__)

SUGGESTION_SECONDS = 2.0
"""Slack waits three seconds for suggestions, the way to the bot and back included."""
_TITLE = "Subscribe"
_WAITING, _SAVING = "One moment…", "Saving…"
_OLD = "This form is not one of mine any more: type /deployments subscribe."
_TOO_LATE = "Slack did not let me open the form in time: try again."
_NO_TRIGGER = (
    "Type /deployments subscribe for the form, or say here what to tell: subscribe app=checkout on=failed, "
    'or subscribe space=production at="mon-fri 09:00".'
)
_PEOPLE = (("here", "@here: who is active in the channel"), ("me", "me"))


class SubscribeForms:
    """What a form says is read at once; the work behind it asks, and draws the form anew."""

    def __init__(
        self,
        standing: Standing,
        subscriptions: ChannelSubscriptions,
        delivery: Delivery,
        people: People,
        groups: UserGroups,
        guard: Guard,
    ) -> None:
        self._standing = standing
        self._subscriptions = subscriptions
        self._delivery = delivery
        self._people = people
        self._groups = groups
        self._guard = guard

    async def open(self, asked: Interaction) -> None:
        """An empty form for the channel where it is typed."""
        if not asked.place.trigger:
            raise UserError(_NO_TRIGGER)
        channel = asked.place.channel
        await self._within(asked, lambda view: self._fresh(view, channel, asked.asker.user))

    async def open_from_list(self, asked: Interaction) -> None:
        """A button of the list: a form filled in from the subscription, or an empty one."""
        channel, _, subscription = parse_subscription_value(asked.text)
        if subscription:
            await self._within(asked, lambda view: self._edit(view, channel, subscription, asked.asker.user))
        else:
            await self._within(asked, lambda view: self._fresh(view, channel, asked.asker.user))

    async def _within(self, asked: Interaction, fill: Callable[[str], Awaitable[None]]) -> None:
        """A modal opened at once, since a trigger lives three seconds, and filled; what goes wrong is told in it."""
        view = await self._delivery.open(asked, sentence_view(_WAITING, _TITLE))
        if not view:
            raise UserError(_TOO_LATE)
        await self._guard.run(replace(asked, place=Place(view=view)), lambda _: fill(view))

    async def _fresh(self, view: str, channel: str, user: str) -> None:
        await self._subscriptions.refuse_where_silent(channel)
        zone = (await self._people.profile(user)).zone
        await self._delivery.update(view, subscribe_view(FormOf(channel), fresh(zone)))

    async def _edit(self, view: str, channel: str, subscription: str, user: str) -> None:
        await self._standing.subscribes.check_change(user, channel)
        found = await self._standing.subscribes.one(subscription, channel)
        filled = filled_from(ask_of(found), found.tz, found.mention_label)
        await self._delivery.update(view, subscribe_view(FormOf(channel, found.id, found.revision), filled))

    def clicked(self, body: Body, asked: Interaction) -> Work:
        """What an element of the form does that tells the bot at once: another kind, or the preview."""
        form, filled = _read(body)
        if form is None:
            return _refuse
        work = self._look_ahead if asked.action == FORM_PREVIEW else self._redraw
        return partial(work, form, filled)

    async def _redraw(self, form: FormOf, filled: Filled, asked: Interaction) -> None:
        await self._delivery.update(asked.place.view, subscribe_view(form, filled))

    async def _look_ahead(self, form: FormOf, filled: Filled, asked: Interaction) -> None:
        """What the form would have sent, below its button; what is wrong in it is told there too."""
        view, by = asked.place.view, asked.asker.user
        try:
            ask = await self._subscriptions.settled(read_filled(filled), by)
            mention = await self._subscriptions.mention(ask.mention, by)
            ahead = await self._standing.subscribes.preview(ask, form.channel, by, self._subscriptions.now(), mention)
        except FormError as problem:
            told = " ".join(problem.by_block.values())
            await self._delivery.update(view, subscribe_view(form, filled, problem=told))
        except (UserError, UpstreamError) as problem:
            await self._delivery.update(view, subscribe_view(form, filled, problem=str(problem)))
        else:
            await self._delivery.update(view, subscribe_view(form, filled, ahead=self._ahead(ahead)))

    def _ahead(self, preview: Preview) -> Ahead:
        def draw(width: int) -> Iterator[dict[str, Any]]:
            return preview_blocks(preview, self._standing.look, width)

        return draw

    def submitted(self, body: Body, asked: Interaction, take: Callable[[Interaction, Work], None]) -> dict[str, Any]:
        """Begin what the form asks for; Slack is told what to put right, or to wait in the form's place."""
        form, filled = _read(body)
        if form is None:
            return {"response_action": "update", "view": sentence_view(_OLD, _TITLE)}
        try:
            ask = read_filled(filled)
        except FormError as problem:
            return {"response_action": "errors", "errors": problem.by_block}
        take(asked, partial(self._save, form, filled, ask))
        return {"response_action": "update", "view": sentence_view(_SAVING, _TITLE)}

    async def _save(self, form: FormOf, filled: Filled, ask: SubscribeAsk, asked: Interaction) -> None:
        """Make or change it; where that can't be, the form comes back as it was, with a sentence why."""
        try:
            await self._saved(form, ask, asked)
        except (UserError, UpstreamError) as problem:
            await self._delivery.update(asked.place.view, subscribe_view(form, filled, problem=str(problem)))

    async def _saved(self, form: FormOf, ask: SubscribeAsk, asked: Interaction) -> None:
        by, channel, talk = asked.asker.user, form.channel, self._subscriptions
        ask = await talk.settled(ask, by)
        mention = await talk.mention(ask.mention, by)
        if form.subscription:
            now = talk.now()
            made = await self._standing.subscribes.edit(
                form.subscription, channel, form.revision, ask, now, mention, by=by
            )
            warning = ""
            log.info("subscription edited", subscription=made.id, channel=channel, by=by)
        else:
            made, warning = await talk.make(ask, channel, by, mention)
        ahead = await talk.ahead(ask, channel, by, mention)
        edited = bool(form.subscription)
        view = subscribed_view(made, ahead, talk.now(), edited=edited, warning=warning)
        await self._delivery.update(asked.place.view, view)

    async def suggest(self, typed: str) -> list[Element]:
        """Whom to mention, for what somebody has typed so far; what Slack does not tell in time is left out."""
        wanted = typed.strip().removeprefix("@").casefold()
        people = [option(label, value) for value, label in _PEOPLE if value.startswith(wanted)]
        try:
            async with asyncio.timeout(SUGGESTION_SECONDS):
                groups = await self._groups.suggested(typed)
        except (UserError, TimeoutError):
            return people
        return [*(option(plain(f"@{group.handle}", 75), f"group:{group.id}") for group in groups), *people]


def _read(body: Body) -> tuple[FormOf | None, Filled]:
    """What the form is about, and what stands in it."""
    view = body.get("view")
    metadata = view.get("private_metadata") if isinstance(view, dict) else None
    return parse_form(metadata) if isinstance(metadata, str) else None, filled_from_view(view, Filled())


async def _refuse(_: Interaction) -> None:
    raise UserError(_OLD)
