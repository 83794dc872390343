"""How an answer gets to where it was asked for, and by which other way when Slack does not take it there."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum, auto

from slack_sdk.web.async_client import AsyncWebClient

from deploybot.domain.telemetry import SILENT, Telemetry
from deploybot.slack.limits import Message, View
from deploybot.slack.payload import Interaction, channel_text
from deploybot.slack.respond import NotDeliveredError, Responder, UnclearDeliveryError
from deploybot.slack.webapi import WEB_ERRORS, not_delivered


class Manner(Enum):
    """To the asker alone, aloud to the whole channel, or in place of the message that was clicked."""

    ALONE = auto()
    ALOUD = auto()
    IN_PLACE = auto()


@dataclass(frozen=True, slots=True)
class Shown:
    """An answer that can be drawn as a message and as a modal, whichever is needed."""

    message: Callable[[], Message]
    view: Callable[[], View]


def _from(asked: Interaction, view: View) -> View:
    """The modal with the channel that it is opened from, unless it keeps something of its own."""
    if not asked.asker.channel or "private_metadata" in view:
        return view
    return {**view, "private_metadata": channel_text(asked.asker.channel)}


class Delivery:
    """Delivers answers: into the modal, to the response address, into the thread."""

    def __init__(self, client: AsyncWebClient, responder: Responder, telemetry: Telemetry = SILENT) -> None:
        self._client = client
        self._responder = responder
        self._telemetry = telemetry

    async def show(self, asked: Interaction, shown: Shown, manner: Manner) -> None:
        """Show an answer; NotDeliveredError when every way failed.

        Where a modal was closed meanwhile it is a message to the asker alone, if the place is more than the modal.
        """
        with self._telemetry.span("slack delivery", call="answer"):
            await self._show(asked, shown, manner)

    async def _show(self, asked: Interaction, shown: Shown, manner: Manner) -> None:
        if asked.place.view:
            await self._fill(asked, shown)
        elif asked.place.response_url:
            await self._respond(asked, shown, manner)
        else:
            await self._post(asked, shown, manner)

    async def _fill(self, asked: Interaction, shown: Shown) -> None:
        try:
            await self.update(asked.place.view, _from(asked, shown.view()))
        except NotDeliveredError:
            if not asked.place.channel and not asked.place.response_url:
                raise
            place = replace(asked.place, view="", trigger="")
            await self._show(replace(asked, place=place), shown, Manner.ALONE)

    async def redraw(self, asked: Interaction, shown: Shown) -> None:
        """Draw what was clicked anew, and nothing else: the modal, or the message by the click's response address.

        NotDeliveredError where that can't be.
        """
        place = asked.place
        if place.view:
            await self.update(place.view, _from(asked, shown.view()))
        else:
            kind = "in_channel" if place.shared else "ephemeral"
            drawn = {**shown.message(), "response_type": kind, "replace_original": True}
            await self._responder.post(place.response_url, drawn)

    async def open(self, asked: Interaction, view: View) -> str:
        """Open a modal, upon the one that was clicked in if any, within three seconds; its id, "" if Slack refused."""
        trigger, view = asked.place.trigger, _from(asked, view)
        call = self._client.views_push if asked.place.view else self._client.views_open
        try:
            with self._telemetry.span("slack delivery", call="modal"):
                opened = await call(trigger_id=trigger, view=view)
        except WEB_ERRORS:
            return ""
        return str((opened.get("view") or {}).get("id") or "")

    async def update(self, view_id: str, view: View) -> None:
        """Draw an open modal anew."""
        try:
            await self._client.views_update(view_id=view_id, view=view)
        except WEB_ERRORS as problem:
            raise not_delivered(problem) from problem

    async def _respond(self, asked: Interaction, shown: Shown, manner: Manner) -> None:
        place = asked.place
        everybody = manner is Manner.ALOUD or (manner is Manner.IN_PLACE and place.shared)
        envelope = {
            "response_type": "in_channel" if everybody else "ephemeral",
            "replace_original": manner is Manner.IN_PLACE,
            **({"thread_ts": place.thread} if place.thread and manner is not Manner.IN_PLACE else {}),
        }
        try:
            await self._responder.post(place.response_url, {**shown.message(), **envelope})
        except UnclearDeliveryError:
            raise
        except NotDeliveredError:
            await self._post(asked, shown, Manner.ALOUD if everybody else Manner.ALONE)

    async def _post(self, asked: Interaction, shown: Shown, manner: Manner) -> None:
        """By the bot itself, which works where it is a member; else in a modal, while there still is a trigger."""
        try:
            await self._post_as_bot(asked, shown.message(), manner)
        except WEB_ERRORS as problem:
            if not asked.place.trigger or not await self.open(asked, shown.view()):
                raise not_delivered(problem) from problem

    async def _post_as_bot(self, asked: Interaction, message: Message, manner: Manner) -> None:
        text, blocks, thread = message["text"], message["blocks"], asked.place.thread or None
        if manner is Manner.ALOUD:
            await self._client.chat_postMessage(
                channel=asked.place.channel,
                text=text,
                blocks=blocks,
                thread_ts=thread,
                link_names=False,
                unfurl_links=False,
                unfurl_media=False,
            )
        else:
            await self._client.chat_postEphemeral(
                channel=asked.place.channel,
                user=asked.asker.user,
                text=text,
                blocks=blocks,
                thread_ts=thread,
                link_names=False,
            )
