"""Continuing and canceling in chat: a form asks once more, sending it is the confirmation, its result is never lost.

What a form says about itself is read anew when it is sent, and everything is checked again by the service.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import Any

import structlog

from deploybot.domain.acting import Action, ActionState, Bound, parse_bound
from deploybot.domain.link import NotLinkedError
from deploybot.domain.query import Command, Query, Verb
from deploybot.errors import UpstreamError, UserError
from deploybot.service.acting import Proposal, Result
from deploybot.service.reading import where_of
from deploybot.slack.acts import Acts
from deploybot.slack.blocks.act_modal import (
    ACT_FORM,
    FRESH,
    TITLES,
    Held,
    Origin,
    confirm_view,
    moved_view,
    parse_held,
    result_message,
    result_view,
    unlinked_view,
)
from deploybot.slack.blocks.detail import DETAIL, detail_message, detail_view
from deploybot.slack.blocks.filter_modal import FRESH_SECONDS
from deploybot.slack.blocks.problem import sentence, sentence_view
from deploybot.slack.channels import refuse_where_silent
from deploybot.slack.delivery import Manner, Shown
from deploybot.slack.feature import Feature, FeatureMaker, Take, Tools
from deploybot.slack.limits import View
from deploybot.slack.payload import Body, Interaction, Place
from deploybot.slack.respond import NotDeliveredError
from deploybot.slack.webapi import WEB_ERRORS

log = structlog.get_logger(__name__)

CONFIRM_TIMES = 4
"""A confirmation may take so many deadlines of an answer: it looks again where it is unclear what happened."""
_WAITING, _SENDING = "One moment…", "Sending… You may close this: I tell you what becomes of it."
_OLD_BUTTON = "This button is not one of mine any more: look at the deployment again with /deployments show."
_OLD_FORM = "This form is not one of mine any more, so nothing was done: look at the deployment again."
_TOO_LATE = "Slack did not let me open the form in time, so nothing was done: try again."
_NO_TRIGGER = (
    "I ask once more before I {verb} anything, and can't do that after a mention: type /deployments {verb}, or press "
    "{label} where the deployment is shown."
)
_STOPPED = (
    "I am being restarted in the midst of this. Once I am back I look what became of it and tell you; nothing is sent "
    "twice."
)

Find = Callable[[], Awaitable[Bound]]


def acting(acts: Acts, seconds: float, *, several_foundations: bool = True) -> FeatureMaker:
    """The feature; `seconds` is how long an answer may take."""

    def make(tools: Tools) -> Feature:
        chat = ActingChat(acts, tools, seconds, several_foundations=several_foundations)
        return Feature(
            commands={Verb.CONTINUE: chat.command, Verb.CANCEL: chat.command},
            clicks={"act": chat.click},
            forms={ACT_FORM: chat.submitted},
        )

    return make


class ActingChat:
    """Opens the form, fills it, and brings what comes of it to the person."""

    def __init__(
        self,
        acts: Acts,
        tools: Tools,
        seconds: float,
        *,
        several_foundations: bool = True,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._acts = acts
        self._tools = tools
        self._delivery = tools.delivery
        self._seconds = seconds
        self._several = several_foundations
        self._monotonic = monotonic
        self._sending: set[str] = set()

    async def command(self, asked: Interaction, command: Command) -> None:
        """`continue <guid or app>`, and `cancel`."""
        action = Action(command.verb.value)
        if not asked.place.trigger:
            raise UserError(_NO_TRIGGER.format(verb=action, label=action.capitalize()))

        async def find() -> Bound:
            subject, query = command.subject or "", await self._tools.people.settle(command.query, asked.asker.user)
            return await self._acts.find(
                subject,
                query,
                action,
                asked.asker.user,
                where_of(asked.asker.channel),
                self._tools.moment(),
                self._until(1),
            )

        await self._propose(asked, action, self._origin(asked), find)

    async def click(self, asked: Interaction) -> None:
        """A button to continue or cancel, wherever it is."""
        bound = parse_bound(asked.text)
        if asked.action != f"act_{bound.action}":
            raise UserError(_OLD_BUTTON)

        async def find() -> Bound:
            return bound

        held = parse_held(asked.form) if asked.block == FRESH else None
        await self._propose(asked, bound.action, held.origin if held else self._origin(asked), find, held)

    def _origin(self, asked: Interaction) -> Origin:
        place = replace(asked.place, channel=asked.place.channel or asked.asker.channel, trigger="")
        return Origin(place, int(self._tools.now()), shows=asked.block == DETAIL)

    async def _propose(
        self, asked: Interaction, action: Action, origin: Origin, find: Find, before: Held | None = None
    ) -> None:
        """A modal opened at once, since a trigger lives three seconds, and filled; what goes wrong is told in it."""
        view = await self._drawn_in(asked, action) if before else await self._opened(asked, action)
        turn = before.turn + 1 if before else 0
        inside = replace(asked, place=Place(view=view))
        await self._tools.guard.run(inside, lambda it: self._fill(it, origin, turn, find))

    async def _opened(self, asked: Interaction, action: Action) -> str:
        """A modal of its own; where Slack lets none be put upon the one that was clicked in, that one."""
        if view := await self._delivery.open(asked, _waiting(action)):
            return view
        if not asked.place.view:
            raise UserError(_TOO_LATE)
        return await self._drawn_in(asked, action)

    async def _drawn_in(self, asked: Interaction, action: Action) -> str:
        await self._delivery.update(asked.place.view, _waiting(action))
        return asked.place.view

    async def _fill(self, asked: Interaction, origin: Origin, turn: int, find: Find) -> None:
        bound = await find()
        try:
            proposal = await self._acts.propose(
                bound, asked.asker.user, where_of(asked.asker.channel), self._tools.moment(), self._until(1)
            )
        except NotLinkedError as problem:
            await self._delivery.update(asked.place.view, unlinked_view(problem.foundation, Held(bound, origin, turn)))
            return
        if proposal.approvals and not proposal.moved:
            # Said before anybody confirms: a request that the bot can't post would wait where nobody sees it.
            await refuse_where_silent(
                self._tools.client, asked.asker.channel, self._tools.home.name, bound.action.value
            )
        held = Held(proposal.bound, origin, turn)
        await self._delivery.update(asked.place.view, self._form(proposal, held))
        if proposal.moved:
            await self._redraw(asked, held)

    def _form(self, proposal: Proposal, held: Held) -> View:
        if proposal.moved:
            return moved_view(proposal, held, several_foundations=self._several)
        return confirm_view(proposal, held)

    def submitted(self, body: Body, asked: Interaction, take: Take) -> dict[str, Any]:  # noqa: ARG002 - the form says it all
        """Begin what was confirmed. A form that comes again is answered again, and does nothing more.

        So it needs no key: the confirmation is known by the form itself.
        """
        held = parse_held(asked.text)
        if held is None:
            return {"response_action": "update", "view": sentence_view(_OLD_FORM)}
        channel = held.origin.place.channel
        there = replace(self._back(asked, held), key="", asker=replace(asked.asker, channel=channel))
        take(there, partial(self._confirm, held))
        return {"response_action": "update", "view": sentence_view(_SENDING, TITLES[held.bound.action])}

    def _back(self, asked: Interaction, held: Held) -> Interaction:
        """The form's modal, with the ways by which its person can be reached when they have closed it."""
        origin = held.origin
        fresh = self._tools.now() - origin.at < FRESH_SECONDS
        url = origin.place.response_url if fresh else ""
        place = Place(origin.place.channel, origin.place.thread, url, view=asked.place.view)
        return replace(asked, place=place)

    async def _confirm(self, held: Held, asked: Interaction) -> None:
        confirmation = held.confirmation(asked.place.view)
        if confirmation in self._sending:
            return
        self._sending.add(confirmation)
        try:
            await self._confirmed(held, confirmation, asked)
        except asyncio.CancelledError as stopped:
            raise asyncio.CancelledError(_STOPPED) from stopped
        finally:
            self._sending.discard(confirmation)

    async def _confirmed(self, held: Held, confirmation: str, asked: Interaction) -> None:
        user, until = asked.asker.user, self._until(CONFIRM_TIMES)
        try:
            result = await self._acts.confirm(
                held.bound, confirmation, user, where_of(asked.asker.channel), self._tools.moment(), until
            )
        except (UserError, UpstreamError) as problem:
            told = _refusal(problem)
            await self._reach(asked, Shown(partial(sentence, told), partial(sentence_view, told, "Nothing was done")))
        else:
            if result.state is not ActionState.CLAIMED:  # else whoever got the form before shows what comes of it
                await self._reach(asked, self._shown(result, held))
        await self._redraw(asked, held)

    def _shown(self, result: Result, held: Held) -> Shown:
        message = partial(result_message, result, several_foundations=self._several)
        view = partial(result_view, result, held.bound.action, held, several_foundations=self._several)
        return Shown(message, view)

    async def _reach(self, asked: Interaction, shown: Shown) -> None:
        """Into the modal; else to the asker alone where they clicked; else into a direct message."""
        try:
            await self._delivery.show(asked, shown, Manner.ALONE)
        except NotDeliveredError as problem:
            log.warning("result goes into a direct message", reason=str(problem), channel=asked.place.channel)
            direct = replace(asked, place=Place(channel=asked.asker.user))
            await self._delivery.show(direct, shown, Manner.ALOUD)

    async def _redraw(self, asked: Interaction, held: Held) -> None:
        """Bring the details that were clicked up to date; alerts and watches are by the ledger."""
        origin, bound = held.origin, held.bound
        if not origin.shows or not (origin.place.view or origin.place.response_url):
            return
        there = replace(asked, place=origin.place, asker=replace(asked.asker, channel=origin.place.channel))
        try:
            detail = await self._tools.answers.detail(
                bound.guid, Query(foundations=(bound.foundation,)), there.asker, aloud=origin.place.shared
            )
            console = self._tools.console
            message = partial(detail_message, detail, console, shared=origin.place.shared)
            await self._delivery.redraw(there, Shown(message, partial(detail_view, detail, console)))
        except (UserError, UpstreamError, NotDeliveredError, *WEB_ERRORS) as problem:
            log.info("details that were clicked stay as they are", reason=str(problem))

    def _until(self, times: int) -> float:
        return self._monotonic() + times * self._seconds


def _waiting(action: Action) -> View:
    return sentence_view(_WAITING, TITLES[action])


def _refusal(problem: UserError | UpstreamError) -> str:
    if isinstance(problem, UpstreamError):
        return f"Nothing was done: {problem.foundation} could not answer: {problem.reason}"
    return str(problem)
