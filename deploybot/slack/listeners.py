"""Slack's side doors: what comes in through Bolt is acknowledged here, and handed to the desk.

All doors are one middleware of Bolt's. Listeners would be the same in more words, and slower: Bolt tries them one by
one, and inspects each and its matcher anew for every request. Nothing here waits, so an acknowledgement does not.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from deploybot.service.request_id import new_request_id, request
from deploybot.slack.answering import Answering
from deploybot.slack.blocks.filter_modal import FILTER_FORM, FormError, parse_origin, read_form
from deploybot.slack.blocks.help import COMMAND
from deploybot.slack.blocks.problem import WAITING, sentence_view
from deploybot.slack.blocks.subscribe_modal import FORM_KIND, FORM_MENTION, FORM_PREVIEW, SUBSCRIBE_FORM
from deploybot.slack.desk import Desk
from deploybot.slack.feature import Feature, Submitted
from deploybot.slack.guard import Work
from deploybot.slack.payload import (
    Body,
    Interaction,
    from_action,
    from_command,
    from_mention,
    from_submission,
    from_suggestion,
)
from deploybot.slack.standing_chat import StandingChat

Told = dict[str, Any] | str
"""The body of an acknowledgement: empty, or what a form is told."""


class Doors(AsyncMiddleware):
    """Everything that the bot listens to. What is nobody's goes on to Bolt, which answers that nobody listens."""

    def __init__(
        self,
        desk: Desk,
        answering: Answering,
        now: Callable[[], float],
        standing: StandingChat | None = None,
        features: Sequence[Feature] = (),
    ) -> None:
        self._desk = desk
        self._standing = standing
        self._answering = answering
        self._now = now
        self.commands: Mapping[str, Work] = {COMMAND: answering.command}
        self.events: Mapping[str, Work] = {"app_mention": answering.mention}
        self.forms: Mapping[str, Callable[[Body], Told]] = {FILTER_FORM: self._filter_form}
        for feature in features:
            self.forms = {**self.forms, **{name: partial(self._form, read) for name, read in feature.forms.items()}}
        if standing:
            self.forms = {**self.forms, SUBSCRIBE_FORM: partial(self._subscribe_form, standing)}

    async def async_process(
        self,
        *,
        req: AsyncBoltRequest,
        resp: BoltResponse,  # noqa: ARG002 - the names are Bolt's
        next: Callable[[], Awaitable[BoltResponse]],  # noqa: A002
    ) -> BoltResponse | None:
        """Acknowledge what is ours with 200."""
        told = await self._suggest(req.body) if req.body.get("type") == "block_suggestion" else self._take(req.body)
        return await next() if told is None else BoltResponse(status=200, body=told)

    def _take(self, body: Body) -> Told | None:
        match body:
            case {"command": str(command)} if work := self.commands.get(command):
                self._desk.take(from_command(body), work)
            case {"type": "block_actions"}:
                asked = from_action(body)
                self._desk.take(asked, self._click(body, asked))
            case {"type": "event_callback", "event": {"type": str(event)}} if work := self.events.get(event):
                self._desk.take(from_mention(body), work)
            case {"type": "view_submission", "view": {"callback_id": str(form)}} if read := self.forms.get(form):
                return read(body)
            case _:
                return None
        return ""

    def _click(self, body: Body, asked: Interaction) -> Work:
        """An element within the subscription's form is read with the form around it."""
        in_form = self._standing and asked.place.view and asked.action in {FORM_KIND, FORM_PREVIEW}
        return self._standing.form_clicked(body, asked) if self._standing and in_form else self._answering.click

    async def _suggest(self, body: Body) -> Told | None:
        """The entries of a menu, for the bot's own people; they are the answer itself, so this one waits for them."""
        asked = from_suggestion(body)
        if not self._standing or asked.action != FORM_MENTION:
            return None
        with request(new_request_id()):
            return {"options": await self._standing.suggest(asked.text) if await self._desk.is_at_home(asked) else []}

    def _form(self, read: Submitted, body: Body) -> Told:
        return read(body, from_submission(body), self._desk.take) or ""

    def _subscribe_form(self, standing: StandingChat, body: Body) -> Told:
        return standing.submitted(body, from_submission(body), self._desk.take)

    def _filter_form(self, body: Body) -> Told:
        """Read the form and begin the answer; Slack is told what to put right, to wait, or to close the form."""
        asked = from_submission(body)
        origin = parse_origin(asked.text)
        try:
            query = read_form(body.get("view"), origin)
        except FormError as problem:
            return {"response_action": "errors", "errors": problem.by_block}
        if origin.is_fresh(self._now()):
            there = replace(asked, place=replace(asked.place, view=""))
            self._desk.take(there, lambda it: self._answering.form(query, origin, it))
            return ""
        self._desk.take(asked, lambda it: self._answering.late_form(query, origin, it))
        return {"response_action": "update", "view": sentence_view(WAITING)}
