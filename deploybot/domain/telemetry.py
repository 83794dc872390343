"""What is counted and traced, as values: edges and use cases say what happened, `ops` makes figures and traces of it.

Words in signals come from closed sets, never from people: each becomes a label, and labels must stay few.
"""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class How(StrEnum):
    """How somebody came to ask."""

    COMMAND = "command"
    MENTION = "mention"
    CLICK = "click"
    FORM = "form"


class AnswerOutcome(StrEnum):
    """What became of an answer. `told` is a sentence that says what to do, `upstream` a foundation's trouble."""

    ANSWERED = "answered"
    TOLD = "told"
    UPSTREAM = "upstream"
    UNDELIVERED = "undelivered"
    STRANGER = "stranger"
    BUSY = "busy"
    STOPPED = "stopped"
    BUG = "bug"


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """Slack has its acknowledgement, so many seconds after the request came in."""

    how: How
    seconds: float


@dataclass(frozen=True, slots=True)
class Answered:
    """Somebody has an answer, so many seconds after asking. `verb` is the command's, or the kind of button or form."""

    how: How
    verb: str
    outcome: AnswerOutcome
    seconds: float


@dataclass(frozen=True, slots=True)
class FoundationAsked:
    """One request to Cloud Foundry or its login server. `endpoint` has no guids; `status` None: no whole answer."""

    foundation: str
    method: str
    endpoint: str
    status: int | None
    seconds: float


@dataclass(frozen=True, slots=True)
class FoundationRetried:
    """A request is sent once more."""

    foundation: str
    endpoint: str


@dataclass(frozen=True, slots=True)
class Polled:
    """A foundation was polled, or could not be."""

    foundation: str
    succeeded: bool
    seconds: float


@dataclass(frozen=True, slots=True)
class Delivered:
    """One call that puts a message into Slack, or looks for one. `call` is the notifier's method, `outcome` its answer.

    Outcomes are posted, declined, unclear, found, gone.
    """

    call: str
    outcome: str
    seconds: float


@dataclass(frozen=True, slots=True)
class SocketOpened:
    """A connection of Socket Mode was made; `again` where there was one before."""

    again: bool


@dataclass(frozen=True, slots=True)
class TurnRan:
    """One turn of what the bot does by itself: how late it began, and how long it took."""

    turn: str
    late: float
    seconds: float
    failed: bool


@dataclass(frozen=True, slots=True)
class PartFailed:
    """A part of a turn failed, or something that the turn began; the others went on."""

    turn: str


@dataclass(frozen=True, slots=True)
class StoreMeasured:
    """How much is kept and waits. `oldest` is the age in seconds of what waits longest in the outbox; 0 for nothing."""

    deployments: int
    waiting: int
    oldest: float


@dataclass(frozen=True, slots=True)
class PollMeasured:
    """How long ago a foundation was last polled with success, by whichever process; None where it never was."""

    foundation: str
    lag: float | None


Signal = (
    Acknowledged
    | Answered
    | FoundationAsked
    | FoundationRetried
    | Polled
    | Delivered
    | SocketOpened
    | TurnRan
    | PartFailed
    | StoreMeasured
    | PollMeasured
)


class Telemetry(Protocol):
    """Who keeps score. Neither method raises, waits, or keeps anything that a person typed."""

    def note(self, signal: Signal) -> None: ...

    def span(self, name: str, **facts: str) -> AbstractContextManager[None]:
        """A part of a trace: what is begun inside belongs to it. `name` is constant, `facts` are as in signals."""
        ...


class _Silent:
    def note(self, signal: Signal) -> None:
        """Nobody keeps score."""

    def span(self, name: str, **facts: str) -> AbstractContextManager[None]:  # noqa: ARG002 - the port's names
        return nullcontext()


SILENT: Telemetry = _Silent()
