"""What the Slack side needs of the rest of the bot: somebody who answers questions."""

from dataclasses import dataclass
from typing import Protocol

from deploybot.domain.page import Detail, Page
from deploybot.domain.paging import Turn
from deploybot.domain.query import Query


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, and where: Slack ids, the channel empty where there is none (a modal)."""

    user: str
    team: str = ""
    channel: str = ""


class Answers(Protocol):
    """Answers with the rights of whoever asks, or `aloud` with those that all in the channel have.

    UserErrors and UpstreamErrors are shown to the asker as they are.
    """

    async def page(self, query: Query, turn: Turn, asker: Asker, *, aloud: bool) -> Page:
        """One page of the deployments that match."""
        ...

    async def detail(self, subject: str, query: Query, asker: Asker, *, aloud: bool) -> Detail:
        """One deployment in full, by its guid or (the newest one) by its app; the query's foundations narrow it."""
        ...
