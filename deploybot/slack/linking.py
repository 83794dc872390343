"""Linking in chat: a form takes the one-time code, and nobody but the one who asks sees anything of it."""

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from deploybot.domain.query import Command, Verb
from deploybot.domain.secret import Secret
from deploybot.errors import UpstreamError, UserError
from deploybot.service.linking import Account, Linking
from deploybot.slack.blocks.linking import (
    LINK_CHOOSE,
    LINK_FORM,
    TITLE,
    LinkForm,
    choose_view,
    code_in,
    link_view,
    linked_text,
    parse_form,
    unlinked_text,
    whoami_message,
    whoami_view,
)
from deploybot.slack.blocks.problem import sentence, sentence_view
from deploybot.slack.delivery import Manner, Shown
from deploybot.slack.feature import Feature, FeatureMaker, Take, Tools
from deploybot.slack.limits import View
from deploybot.slack.payload import Body, Interaction, Place

_WAITING, _LINKING = "One moment…", "Asking the login server…"
_OLD = "This form is not one of mine any more: type /deployments link."
_TOO_LATE = "Slack did not let me open the form in time: try again."
_NO_CODE = "Paste the code that the page shows."
_NO_TRIGGER = "I can't open the form after a mention: type /deployments link, which only you see."


def linking(use: Linking, seconds: float) -> FeatureMaker:
    """The feature; `seconds` is how long a login server is waited for."""

    def make(tools: Tools) -> Feature:
        chat = LinkingChat(use, tools, seconds)
        return Feature(
            commands={Verb.LINK: chat.link, Verb.UNLINK: chat.unlink, Verb.WHOAMI: chat.whoami},
            clicks={"link": chat.click},
            forms={LINK_FORM: chat.submitted},
        )

    return make


class LinkingChat:
    """Opens the form, has the code exchanged, and says whose account it was."""

    def __init__(
        self, use: Linking, tools: Tools, seconds: float, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._linking = use
        self._tools = tools
        self._seconds = seconds
        self._monotonic = monotonic

    async def link(self, asked: Interaction, command: Command) -> None:
        """`link [foundation]`: the form, or the choice that comes before it."""
        if not asked.place.trigger:
            raise UserError(_NO_TRIGGER)
        await self._open(asked, self._linking.chosen(command.query.foundations))

    async def click(self, asked: Interaction) -> None:
        """A button of whoami, or the choice of a foundation, which becomes its form."""
        foundation = self._linking.chosen((asked.text,))
        if asked.action == LINK_CHOOSE and asked.place.view:
            await self._fill(asked.place.view, LinkForm(asked.asker.channel, foundation))
        else:
            await self._open(asked, foundation)

    async def _open(self, asked: Interaction, foundation: str) -> None:
        """A modal opened at once, since a trigger lives three seconds; what goes wrong then is told in it."""
        channel = asked.asker.channel
        if not foundation:
            if not await self._tools.delivery.open(asked, choose_view(channel, self._linking.foundations)):
                raise UserError(_TOO_LATE)
            return
        view = await self._tools.delivery.open(asked, sentence_view(_WAITING, TITLE))
        if not view:
            raise UserError(_TOO_LATE)
        there = replace(asked, place=Place(view=view))
        await self._tools.guard.run(there, lambda _: self._fill(view, LinkForm(channel, foundation)))

    async def _fill(self, view: str, form: LinkForm, problem: str = "") -> None:
        server = await self._linking.begin(form.foundation, self._until())
        await self._tools.delivery.update(view, link_view(form, server, problem))

    def submitted(self, body: Body, asked: Interaction, take: Take) -> dict[str, Any]:
        """Have the code exchanged; the form waits, without the code, in the meantime."""
        form = parse_form(asked.text)
        if form is None:
            return {"response_action": "update", "view": sentence_view(_OLD, TITLE)}
        view = body.get("view")
        code = Secret(code_in(view, form) if isinstance(view, dict) else "")
        if not code:
            return {"response_action": "errors", "errors": {form.block: _NO_CODE}}
        there = replace(asked, place=replace(asked.place, channel=form.channel))
        take(there, partial(self._exchange, form, code))
        return {"response_action": "update", "view": sentence_view(_LINKING, TITLE)}

    async def _exchange(self, form: LinkForm, code: Secret, asked: Interaction) -> None:
        """Link, or bring the form back with an empty field and a sentence why."""
        try:
            link = await self._linking.link(asked.asker.user, form.channel, form.foundation, code, self._until())
        except (UserError, UpstreamError) as problem:
            await self._fill(asked.place.view, replace(form, attempt=form.attempt + 1), _told(problem))
        else:
            await self._say(asked, linked_text(link))

    async def unlink(self, asked: Interaction, command: Command) -> None:
        """`unlink [foundation]`: the only link where none is named."""
        user = asked.asker.user
        links = [one for one in await self._linking.whoami(user) if one.link]
        foundation = _meant(links, command.query.foundations)
        await self._say(asked, unlinked_text(await self._linking.unlink(user, asked.asker.channel, foundation)))

    async def whoami(self, asked: Interaction, _: Command) -> None:
        """Every foundation, and as whom the asker is linked with it."""
        user = asked.asker.user
        accounts, on = await self._linking.whoami(user), self._linking.is_on
        shown = Shown(partial(whoami_message, user, accounts, on=on), partial(whoami_view, user, accounts, on=on))
        await self._tools.delivery.show(asked, shown, Manner.ALONE)

    async def _say(self, asked: Interaction, text: str) -> None:
        shown: Callable[[], View] = partial(sentence_view, text, TITLE if asked.place.view else "Deployments")
        await self._tools.delivery.show(asked, Shown(partial(sentence, text), shown), Manner.ALONE)

    def _until(self) -> float:
        return self._monotonic() + self._seconds


def _meant(links: list[Account], named: tuple[str, ...]) -> str:
    """The one link that somebody means; UserError where there is none, or several. Names are not quoted."""
    known = [one.foundation for one in links]
    found = [name for name in known if not named or name in {word.casefold() for word in named}]
    if len(found) == 1:
        return found[0]
    if not known:
        raise UserError("You are not linked with any Cloud Foundry, so there is nothing to forget.")
    raise UserError(f"Say which link to forget: {' or '.join(f'unlink {name}' for name in known)}.")


def _told(problem: UserError | UpstreamError) -> str:
    if isinstance(problem, UserError):
        return str(problem)
    return f"{problem.foundation} could not answer: {problem.reason}. Get a new code, and try again."
