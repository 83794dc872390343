"""What each command, mention, click and form asks for, and how its answer is shown."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TypedDict

from deploybot.domain.button import parse_button
from deploybot.domain.grammar import parse
from deploybot.domain.page import Detail, Page
from deploybot.domain.paging import FIRST, Turn
from deploybot.domain.query import Command, Query, Verb
from deploybot.errors import UserError
from deploybot.slack.answers import Answers
from deploybot.slack.blocks.detail import detail_message, detail_view
from deploybot.slack.blocks.filter_modal import Origin, filter_view
from deploybot.slack.blocks.guid import guid_message, guid_view
from deploybot.slack.blocks.help import help_message, help_view
from deploybot.slack.blocks.links import Console
from deploybot.slack.blocks.page import page_message, page_view
from deploybot.slack.blocks.problem import WAITING, sentence_view
from deploybot.slack.delivery import Delivery, Manner, Shown
from deploybot.slack.feature import CommandWork, Feature
from deploybot.slack.guard import Guard, Work
from deploybot.slack.payload import Interaction, Place
from deploybot.slack.people import People
from deploybot.slack.respond import NotDeliveredError
from deploybot.slack.standing_chat import ACTIONS, StandingChat, known

OWN_CLICKS = frozenset({"turn", "refresh", "share", "filter", "detail", "row", "open"})
"""What the ids of its own actions begin with."""
_HERE = "\0"
_OLD = "This button is not one of mine any more; type the question again."
_NOTHING_TO_SHARE = "There is nothing on this page that I may show to everybody here."
IN_CHANNEL = "Your answer is in the channel, where only you see it."


class Answering:
    """Asks, and shows the answer. Errors are left to the guard that runs this."""

    def __init__(
        self,
        answers: Answers,
        delivery: Delivery,
        people: People,
        console: Console,
        guard: Guard,
        now: Callable[[], float],
        bot_user: str,
        standing: StandingChat | None = None,
        features: Sequence[Feature] = (),
    ) -> None:
        self._commands: Mapping[Verb, CommandWork] = {k: v for one in features for k, v in one.commands.items()}
        self._clicks: Mapping[str, Work] = {k: v for one in features for k, v in one.clicks.items()}
        self._bot_user = bot_user
        self._standing = standing
        self._now = now
        self._answers = answers
        self._delivery = delivery
        self._people = people
        self._console = console
        self._guard = guard

    async def command(self, asked: Interaction) -> None:
        """`/deployments ...`: for the asker alone, unless they say `public`."""
        command = parse(asked.text)
        await self._do(asked, command, Manner.ALOUD if command.public else Manner.ALONE)

    async def mention(self, asked: Interaction) -> None:
        """`@deploybot ...`: in its thread, for everybody there."""
        await self._do(asked, parse(question(asked.text, self._bot_user)), Manner.ALOUD)

    async def _do(self, asked: Interaction, command: Command, manner: Manner) -> None:
        match command.verb:
            case Verb.LIST:
                await self._page(asked, command.query, FIRST, manner)
            case Verb.SHOW:
                await self._detail(asked, command.subject or "", command.query, manner)
            case Verb.HELP:
                topic = command.subject
                await self._delivery.show(asked, Shown(partial(help_message, topic), partial(help_view, topic)), manner)
            case Verb.SUBSCRIBE | Verb.SUBSCRIPTIONS:
                await known(self._standing).command(asked, command)
            case verb:
                await self._by_feature(asked, command, verb)

    async def _by_feature(self, asked: Interaction, command: Command, verb: Verb) -> None:
        work = self._commands.get(verb)
        if not work:
            raise UserError(f"{verb} is switched off here: ask the people who run me.")
        await work(asked, command)

    async def click(self, asked: Interaction) -> None:
        """A button or a menu. In a message that everybody sees only Refresh changes it; others answer the clicker."""
        alone = Manner.ALONE if asked.place.shared else Manner.IN_PLACE
        match asked.action.partition("_")[0]:
            case "turn":
                await self._turn(asked, alone)
            case "refresh":
                await self._turn(asked, Manner.IN_PLACE)
            case "share":
                await self._turn(asked, Manner.ALOUD)
            case "filter":
                await self._filter(asked)
            case "detail":
                manner = Manner.ALOUD if asked.action == "detail_share" else Manner.IN_PLACE
                await self._detail(asked, *_one(asked.text), manner)
            case "row":
                await self._menu(asked)
            case kind if kind in ACTIONS:
                await known(self._standing).click(asked)
            case kind if kind in self._clicks:
                await self._clicks[kind](asked)
            case "open":
                return
            case _:
                raise UserError(_OLD)

    async def _turn(self, asked: Interaction, manner: Manner) -> None:
        turn, query = parse_button(asked.text)
        await self._page(asked, query, turn, manner)

    async def _page(self, asked: Interaction, query: Query, turn: Turn, manner: Manner) -> None:
        page = await self._ask(asked, query, turn, aloud=_is_aloud(asked, manner))
        if asked.action == "share" and not page.rows:
            raise UserError(_NOTHING_TO_SHARE)
        await self._delivery.show(asked, self._shown(page, asked, manner), manner)

    async def _ask(self, asked: Interaction, query: Query, turn: Turn, *, aloud: bool) -> Page:
        settled = await self._people.settle(query, asked.asker.user)
        return await self._answers.page(settled, turn, asked.asker, aloud=aloud)

    def _shown(self, page: Page, asked: Interaction, manner: Manner) -> Shown:
        return Shown(
            partial(page_message, page, self._console, **_sharing(asked, manner)),
            partial(page_view, page, self._console),
        )

    async def _detail(self, asked: Interaction, subject: str, query: Query, manner: Manner) -> None:
        settled = await self._people.settle(query, asked.asker.user)
        detail = await self._answers.detail(subject, settled, asked.asker, aloud=_is_aloud(asked, manner))
        await self._delivery.show(asked, self._shown_detail(detail, asked, manner), manner)

    def _shown_detail(self, detail: Detail, asked: Interaction, manner: Manner) -> Shown:
        return Shown(
            partial(detail_message, detail, self._console, **_sharing(asked, manner)),
            partial(detail_view, detail, self._console),
        )

    async def _menu(self, asked: Interaction) -> None:
        """An entry of a row's menu: details in a modal, a watch, or the guid to be copied."""
        what, _, subject = asked.text.partition(":")
        if what == "details":
            await self._details(asked, subject)
        elif what == "watch":
            await self.click(replace(asked, action="watch_start", text=subject))
        elif what == "guid":
            _, guid = subject.split("/", 1) if "/" in subject else ("", subject)
            if not asked.place.view:
                await self._delivery.show(
                    asked, Shown(partial(guid_message, guid), partial(guid_view, guid)), Manner.ALONE
                )
            else:
                await self._delivery.open(asked, guid_view(guid))

    async def _details(self, asked: Interaction, subject: str) -> None:
        """Details in a modal: opened at once, since a trigger lives three seconds, and filled when known."""
        view = await self._delivery.open(asked, sentence_view(WAITING, "Deployment"))
        place = Place(view=view) if view else asked.place
        await self._guard.run(
            replace(asked, place=place), lambda again: self._detail(again, *_one(subject), Manner.ALONE)
        )

    async def _filter(self, asked: Interaction) -> None:
        _, query = parse_button(asked.text)
        if not await self._delivery.open(asked, filter_view(query, Origin(asked.place, int(self._now())))):
            raise UserError("Slack did not let me open the form in time; press Filter… once more.")

    async def form(self, query: Query, origin: Origin, asked: Interaction) -> None:
        """A form whose click's address still takes an answer: in place of the message, or for the clicker alone."""
        place = replace(origin.place, trigger=asked.place.trigger, view="")
        manner = Manner.ALONE if place.shared else Manner.IN_PLACE
        await self._page(replace(_there(asked, origin), place=place), query, FIRST, manner)

    async def late_form(self, query: Query, origin: Origin, asked: Interaction) -> None:
        """A form whose address has expired: by the bot into the channel, else into the form's own modal."""
        page = await self._ask(_there(asked, origin), query, FIRST, aloud=False)
        there = replace(asked, place=replace(origin.place, response_url="", trigger="", view=""))
        view = sentence_view(IN_CHANNEL)
        try:
            await self._delivery.show(there, self._shown(page, there, Manner.ALONE), Manner.ALONE)
        except NotDeliveredError:
            view = page_view(page, self._console)
        await self._delivery.update(asked.place.view, view)


def _there(asked: Interaction, origin: Origin) -> Interaction:
    """A form as if it had been sent where it was opened."""
    return replace(asked, asker=replace(asked.asker, channel=origin.place.channel or asked.asker.channel))


def question(text: str, bot_user: str) -> str:
    """What stands after the mention of the bot, so that `hey @deploybot help` is understood; else what is before it."""
    before, _, after = re.sub(rf"<@{re.escape(bot_user)}(\|[^<>]*)?>", _HERE, text, count=1).partition(_HERE)
    return after if after.strip() else before


class _Sharing(TypedDict):
    shared: bool
    shared_by: str


def _sharing(asked: Interaction, manner: Manner) -> _Sharing:
    """Whether everybody will see the answer, and who wanted that by pressing a button."""
    shared = _is_aloud(asked, manner)
    return {"shared": shared, "shared_by": asked.asker.user if asked.action in {"share", "detail_share"} else ""}


def _is_aloud(asked: Interaction, manner: Manner) -> bool:
    return manner is Manner.ALOUD or (manner is Manner.IN_PLACE and asked.place.shared)


def _one(subject: str) -> tuple[str, Query]:
    """The deployment that a button names, as guid and foundation."""
    foundation, _, guid = subject.partition("/")
    if not guid:
        raise UserError(_OLD)
    return guid, Query(foundations=(foundation,))
