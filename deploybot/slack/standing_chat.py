"""What people say and press about what the bot does by itself, led to where it is done."""

from collections.abc import Callable
from typing import Any

from deploybot.domain.query import Command, SubscribeAsk, Verb
from deploybot.errors import UserError
from deploybot.slack.blocks.elements import Element
from deploybot.slack.guard import Work
from deploybot.slack.payload import Body, Interaction
from deploybot.slack.subscribe_forms import SubscribeForms
from deploybot.slack.subscribing import ChannelSubscriptions

ACTIONS = frozenset({"subs", "list", "resume"})
"""What the actions of its buttons begin with."""
_FORMS = frozenset({"subs_edit", "subs_new"})
SWITCHED_OFF = "I was started without a place to keep subscriptions in: ask my operators for one."


class StandingChat:
    """Leads each to its place. Errors are left to the guard that runs this."""

    def __init__(self, subscriptions: ChannelSubscriptions, forms: SubscribeForms) -> None:
        self._subscriptions = subscriptions
        self._forms = forms

    async def command(self, asked: Interaction, command: Command) -> None:
        """`subscribe`, with filters at once and alone by the form, and `subscriptions`."""
        if command.verb is Verb.SUBSCRIPTIONS:
            await self._subscriptions.list(asked)
        elif command.subscribe and command.subscribe != SubscribeAsk():
            await self._subscriptions.subscribe(asked, command.subscribe)
        else:
            await self._forms.open(asked)

    async def click(self, asked: Interaction) -> None:
        """A button whose action begins with one of ACTIONS."""
        kind = asked.action.partition("_")[0]
        if kind == "resume":
            await self._subscriptions.resume(asked)
        elif kind == "list":
            await self._subscriptions.listed(asked)
        elif asked.action in _FORMS:
            await self._forms.open_from_list(asked)
        else:
            await self._subscriptions.click(asked)

    def form_clicked(self, body: Body, asked: Interaction) -> Work:
        """What an element of the form does."""
        return self._forms.clicked(body, asked)

    def submitted(self, body: Body, asked: Interaction, take: Callable[[Interaction, Work], None]) -> dict[str, Any]:
        """What Slack is told about a form that was sent."""
        return self._forms.submitted(body, asked, take)

    async def suggest(self, typed: str) -> list[Element]:
        """Whom to mention, in time for Slack."""
        return await self._forms.suggest(typed)


def known(chat: StandingChat | None) -> StandingChat:
    """The chat; a UserError where the bot was started without a store."""
    if chat is None:
        raise UserError(SWITCHED_OFF)
    return chat
