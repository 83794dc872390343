"""Takes up what people do in Slack: once each, only for its own people, and never more at once than it can do."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

import structlog

from deploybot.domain.telemetry import Answered, AnswerOutcome, Telemetry
from deploybot.service.request_id import request
from deploybot.slack.blocks.problem import BUSY, STRANGER
from deploybot.slack.guard import TOLD, Guard, Work
from deploybot.slack.payload import Home, Interaction, is_at_home
from deploybot.slack.people import People
from deploybot.slack.seen import Seen
from deploybot.slack.tasks import Tasks

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Score:
    """Who keeps score of answers. `verb` names what is asked for, from a closed set; `clock` is in seconds.

    `new_id` makes the ids by which requests are followed, to Cloud Foundry and in the log.
    """

    telemetry: Telemetry
    verb: Callable[[Interaction], str]
    clock: Callable[[], float]
    new_id: Callable[[], str]


class Desk:
    """Begins work in the background. `courtesies` has room for sentences when `tasks` is full."""

    def __init__(
        self, guard: Guard, people: People, home: Home, seen: Seen, tasks: Tasks, courtesies: Tasks, score: Score
    ) -> None:
        self._guard = guard
        self._people = people
        self._home = home
        self._seen = seen
        self._tasks = tasks
        self._courtesies = courtesies
        self._score = score

    def take(self, asked: Interaction, work: Work) -> None:
        """Begin the work and return at once. What was taken before, or comes from a bot, is left alone."""
        if asked.is_bot or not self._seen.is_new(asked.key):
            return
        person, since = asked.asker.user, self._score.clock()
        answer = partial(self._guard.run, asked, partial(self._admit, work))
        if self._tasks.start(person, lambda: self._noted(asked, since, answer)):
            return
        courtesy = partial(self._guard.say, asked, BUSY, AnswerOutcome.BUSY)
        if not self._courtesies.start(person, lambda: self._noted(asked, since, courtesy)):
            log.warning("too busy even to say so", channel=asked.place.channel)
            self._note(asked, self._score.verb(asked), AnswerOutcome.BUSY, since)

    async def _noted(self, asked: Interaction, since: float, answer: Callable[[], Awaitable[None]]) -> None:
        """The answer as one trace under an id, and what became of it, by the first sentence that was told instead."""
        told: list[AnswerOutcome] = []
        TOLD.set(told)  # this is a task of its own, and so is its context
        verb = self._score.verb(asked)
        with request(self._score.new_id()):
            try:
                with self._score.telemetry.span("slack request", how=asked.how, verb=verb):
                    await answer()
            finally:
                self._note(asked, verb, told[0] if told else AnswerOutcome.ANSWERED, since)

    def _note(self, asked: Interaction, verb: str, outcome: AnswerOutcome, since: float) -> None:
        seconds = self._score.clock() - since
        self._score.telemetry.note(Answered(asked.how, verb, outcome, seconds))
        log.info(
            "request answered",
            how=asked.how,
            verb=verb,
            outcome=outcome,
            user=asked.asker.user,
            channel=asked.place.channel,
            duration_ms=round(seconds * 1000),
        )

    async def _admit(self, work: Work, asked: Interaction) -> None:
        if await self.is_at_home(asked):
            await work(asked)
        else:
            log.warning("stranger refused", team=asked.team, enterprise=asked.enterprise)
            await self._guard.say(asked, STRANGER, AnswerOutcome.STRANGER)

    async def is_at_home(self, asked: Interaction) -> bool:
        """Whether this is one of the bot's own people.

        Only where an organisation shares the bot does the payload alone not say whose person it is.
        """
        if not self._home.org_wide or is_at_home(asked, self._home):
            return is_at_home(asked, self._home)
        profile = await self._people.profile(asked.asker.user)
        return is_at_home(asked, self._home, profile.enterprise)

    async def drain(self, seconds: float) -> None:
        """Let what was taken come to its end."""
        await self._tasks.drain(seconds)
        await self._courtesies.drain(1)
