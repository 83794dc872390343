"""What Slack said, remembered: asked for once however many want it, and kept for a bounded time when asking fails."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import structlog
from slack_sdk.errors import SlackApiError

from deploybot.slack.webapi import WEB_ERRORS, reason_of

log = structlog.get_logger(__name__)

Key = TypeVar("Key")
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Terms:
    """In seconds: what is younger than `fresh` is not asked for again; older than `stale` it is forgotten; a failure
    rests for `rest`; somebody waits for `wait` at most, while asking may go on for `longest`. `most` keys are kept.
    """

    fresh: float
    stale: float
    rest: float = 20
    wait: float = 3
    longest: float = 60
    most: int = 5_000


@dataclass(frozen=True, slots=True)
class _Kept(Generic[Value]):
    value: Value | None = None
    told_at: float = 0.0
    ask_at: float = 0.0


class Memory(Generic[Key, Value]):
    """Answers by key. `ask` raises what Web API calls raise; `clock` is monotonic."""

    def __init__(self, ask: Callable[[Key], Awaitable[Value]], clock: Callable[[], float], terms: Terms) -> None:
        self._ask = ask
        self._clock = clock
        self._terms = terms
        self._kept: OrderedDict[Key, _Kept[Value]] = OrderedDict()
        self._asking: dict[Key, asyncio.Task[None]] = {}

    async def of(self, key: Key) -> Value | None:
        """What Slack says, or said not too long ago; None where neither is to be had in time."""
        if self._clock() >= self._before(key).ask_at:
            await asyncio.wait({self._begun(key)}, timeout=self._terms.wait)
        return self.remembered(key)

    def remembered(self, key: Key) -> Value | None:
        """What is known without asking."""
        kept = self._before(key)
        return kept.value if self._clock() < kept.told_at + self._terms.stale else None

    def _before(self, key: Key) -> _Kept[Value]:
        return self._kept.get(key) or _Kept()

    def _begun(self, key: Key) -> asyncio.Task[None]:
        task = self._asking.get(key)
        if task is None:
            task = self._asking[key] = asyncio.create_task(self._asked(key), name="ask Slack")
            task.add_done_callback(lambda _: self._asking.pop(key, None))
        return task

    async def _asked(self, key: Key) -> None:
        before, terms = self._before(key), self._terms
        try:
            async with asyncio.timeout(terms.longest):
                value = await self._ask(key)
            kept = _Kept(value, self._clock(), self._clock() + terms.fresh)
        except WEB_ERRORS as problem:
            reason = reason_of(problem) if isinstance(problem, SlackApiError) else type(problem).__name__
            log.warning("Slack does not tell", reason=reason)
            kept = _Kept(before.value, before.told_at, self._clock() + terms.rest)
        except Exception:  # whoever waits for this must get an answer, and the safe one is that nothing is known
            log.exception("asking Slack failed")
            kept = _Kept(before.value, before.told_at, self._clock() + terms.rest)
        self._kept[key] = kept
        self._kept.move_to_end(key)
        if len(self._kept) > terms.most:
            self._kept.popitem(last=False)
