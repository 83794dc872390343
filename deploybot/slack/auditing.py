"""`/deployments audit`: the record for those who may see it, for the asker alone."""

from datetime import datetime
from functools import partial
from typing import Protocol

from deploybot.domain.audit_question import AuditTurn, first_turn, parse_turn_value
from deploybot.domain.query import Command, Verb
from deploybot.errors import UserError
from deploybot.service.auditing import AuditPage
from deploybot.slack.blocks.audit import audit_message, audit_view
from deploybot.slack.delivery import Manner, Shown
from deploybot.slack.feature import Feature, FeatureMaker, Tools
from deploybot.slack.payload import Interaction

_ALOUD = "The record is for you alone: type /deployments audit, which nobody else sees."


class Audits(Protocol):
    """`service.auditing.Auditing`: UserErrors are shown as they are."""

    async def page(self, turn: AuditTurn, user: str, channel: str, now: datetime) -> AuditPage: ...


def auditing(audits: Audits) -> FeatureMaker:
    """The feature."""

    def make(tools: Tools) -> Feature:
        chat = AuditChat(audits, tools)
        return Feature(commands={Verb.AUDIT: chat.command}, clicks={"audit": chat.click})

    return make


class AuditChat:
    """Asks, and shows a page. Errors are left to the guard that runs this."""

    def __init__(self, audits: Audits, tools: Tools) -> None:
        self._audits = audits
        self._tools = tools

    async def command(self, asked: Interaction, command: Command) -> None:
        """The first page, or the one that is asked for."""
        if asked.place.shared:
            raise UserError(_ALOUD)
        query = await self._tools.people.settle(command.query, asked.asker.user)
        settled = Command(command.verb, command.subject, query)
        await self._show(asked, first_turn(settled, self._tools.moment()), Manner.ALONE)

    async def click(self, asked: Interaction) -> None:
        """Previous and Next: the same question, asked again with the rights of whoever presses."""
        manner = Manner.ALONE if asked.place.shared else Manner.IN_PLACE
        await self._show(asked, parse_turn_value(asked.text), manner)

    async def _show(self, asked: Interaction, turn: AuditTurn, manner: Manner) -> None:
        page = await self._audits.page(turn, asked.asker.user, asked.asker.channel, self._tools.moment())
        await self._tools.delivery.show(asked, Shown(partial(audit_message, page), partial(audit_view, page)), manner)
