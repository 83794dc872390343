"""The buttons of a request for a second person: agree, or decline. The clicker alone is told what came of it."""

from dataclasses import dataclass
from functools import partial
from typing import Protocol

from deploybot.errors import UserError
from deploybot.slack.blocks.problem import sentence, sentence_view
from deploybot.slack.delivery import Delivery, Manner, Shown
from deploybot.slack.feature import Feature, FeatureMaker, Tools
from deploybot.slack.payload import Interaction

_TITLE = "Second person"
_OLD = "This button is not one of mine any more: ask for it again."


class Decides(Protocol):
    """What becomes of a click in a channel: a sentence for the clicker; UserError and UpstreamError say why not."""

    async def agree(self, approval_id: str, user: str, channel: str) -> str: ...

    async def decline(self, approval_id: str, user: str, channel: str) -> str: ...


@dataclass(frozen=True, slots=True)
class ApprovalClicks:
    """Errors are left to the guard that runs this."""

    decides: Decides
    delivery: Delivery

    async def click(self, asked: Interaction) -> None:
        """A button of a request; the request itself is redrawn by whoever looks after it."""
        ways = {"approve_agree": self.decides.agree, "approve_decline": self.decides.decline}
        decide = ways.get(asked.action)
        if not decide or not asked.text:
            raise UserError(_OLD)
        told = await decide(asked.text, asked.asker.user, asked.place.channel)
        shown = Shown(partial(sentence, told), partial(sentence_view, told, _TITLE))
        await self.delivery.show(asked, shown, Manner.ALONE)


def approving_feature(decides: Decides) -> FeatureMaker:
    """The feature, over whoever decides."""

    def make(tools: Tools) -> Feature:
        return Feature(clicks={"approve": ApprovalClicks(decides, tools.delivery).click})

    return make
