"""How a payload reaches the bot, whichever the transport: one attempt and its answer, and the repetition of events."""

import asyncio
import enum
from dataclasses import dataclass
from typing import Protocol

from deploybot.demo.workspace.records import JsonObject


class Kind(enum.Enum):
    """The three kinds of payload, by the names that Socket Mode gives them."""

    COMMAND = "slash_commands"
    INTERACTION = "interactive"
    EVENT = "events_api"


@dataclass(frozen=True, slots=True)
class Retry:
    """Which repetition of an event this is, from 1, and why there is one."""

    attempt: int
    reason: str


@dataclass(frozen=True, slots=True)
class Parcel:
    kind: Kind
    payload: JsonObject
    retry: Retry | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one attempt. `failure` is what the person is told, None if the bot took the payload.

    `body` is what the acknowledgement carried; `stop` is set when the bot asks for no repetition.
    """

    body: JsonObject | None = None
    failure: str | None = None
    reason: str = ""
    stop: bool = False


TIMED_OUT = Answer(failure="operation_timeout", reason="timeout")
UNREACHABLE = Answer(failure="dispatch_failed", reason="connection_failed")


class Transport(Protocol):
    async def deliver(self, parcel: Parcel) -> Answer:
        """One attempt, at most as long as an acknowledgement may take."""
        ...


async def deliver_event(transport: Transport, payload: JsonObject, pauses: tuple[float, ...]) -> Answer:
    """Deliver an event and repeat it after each pause until it is acknowledged: three times at most, as Slack does.

    https://docs.slack.dev/apis/events-api/#retries
    """
    answer = await transport.deliver(Parcel(Kind.EVENT, payload))
    for attempt, pause in enumerate(pauses, start=1):
        if answer.failure is None or answer.stop:
            return answer
        await asyncio.sleep(pause)
        answer = await transport.deliver(Parcel(Kind.EVENT, payload, Retry(attempt, answer.reason)))
    return answer
