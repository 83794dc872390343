"""Whatever goes wrong while answering reaches the person as a sentence, and the log with all that an operator needs."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from functools import partial

import structlog

from deploybot.domain.telemetry import AnswerOutcome
from deploybot.errors import UpstreamError, UserError
from deploybot.service.request_id import request_id
from deploybot.slack.blocks.problem import RESTARTING, UNCLEAR, UNDELIVERED, apology, sentence, sentence_view
from deploybot.slack.delivery import Delivery, Manner, Shown
from deploybot.slack.payload import Interaction
from deploybot.slack.respond import NotDeliveredError, UnclearDeliveryError

log = structlog.get_logger(__name__)

_LAST_WORD = 1.5
"""Seconds for what is said to somebody whose answer is given up, when the bot stops."""

TOLD: ContextVar[list[AnswerOutcome]] = ContextVar("told")
"""Where it is written down that somebody was told a sentence instead of an answer, the innermost guard first."""

Work = Callable[[Interaction], Awaitable[None]]


class Guard:
    """Runs work to its end. The request's id ties an apology to its traceback."""

    def __init__(self, delivery: Delivery) -> None:
        self._delivery = delivery

    async def run(self, asked: Interaction, work: Work) -> None:
        """Do the work; never raises but on cancellation, of which the person is told within a second or so.

        Work may raise the cancellation again with a sentence of its own, which then is what is told.
        """
        try:
            await work(asked)
        except asyncio.CancelledError as stopped:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LAST_WORD):
                    await self.say(asked, str(stopped) or RESTARTING, AnswerOutcome.STOPPED)
            raise
        except UserError as problem:
            await self.say(asked, str(problem), AnswerOutcome.TOLD)
        except UpstreamError as problem:
            log.warning("foundation could not answer", foundation=problem.foundation, their_id=problem.request_id)
            told = f"{problem.foundation} could not answer: {problem.reason}"
            await self.say(asked, told, AnswerOutcome.UPSTREAM)
        except NotDeliveredError as problem:
            unclear = isinstance(problem, UnclearDeliveryError)
            log.warning("answer not delivered", reason=str(problem), channel=asked.place.channel, unclear=unclear)
            await self.say(asked, UNCLEAR if unclear else UNDELIVERED, AnswerOutcome.UNDELIVERED)
        except Exception:  # a bug: nobody above could tell the person, and a task's traceback would be lost
            log.exception("answering failed", action=asked.action)
            await self.say(asked, apology(request_id()), AnswerOutcome.BUG)

    async def say(self, asked: Interaction, text: str, outcome: AnswerOutcome) -> None:
        """A sentence to the asker alone."""
        TOLD.get([]).append(outcome)
        shown = Shown(partial(sentence, text), partial(sentence_view, text))
        try:
            await self._delivery.show(asked, shown, Manner.ALONE)
        except NotDeliveredError as problem:
            log.warning("sentence not delivered", reason=str(problem), channel=asked.place.channel)
