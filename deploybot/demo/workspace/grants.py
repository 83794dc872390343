"""What an app may use for a short time only: trigger ids (3 s, once) and response_urls (30 min, 5 times)."""

from dataclasses import dataclass, replace

from deploybot.demo.workspace.ids import Ids
from deploybot.demo.workspace.refusals import RefusedError
from deploybot.demo.workspace.timing import Clock, Timing


@dataclass(frozen=True, slots=True)
class Trigger:
    """The right to open one modal for `person`; `view` is the modal it was given in, if it was one."""

    id: str
    person: str
    expires_at: float
    view: str | None = None
    used: bool = False


@dataclass(frozen=True, slots=True)
class ResponseUrl:
    """The right to answer an interaction. `origin` is the ts of the clicked message; `typed` the command typed."""

    path: str
    person: str
    channel: str
    expires_at: float
    uses_left: int
    origin: str | None = None
    typed: str | None = None


class Grants:
    def __init__(self, clock: Clock, ids: Ids, timing: Timing, team: str) -> None:
        self._clock, self._ids, self._timing, self._team = clock, ids, timing, team
        self._triggers: dict[str, Trigger] = {}
        self._response_urls: dict[str, ResponseUrl] = {}

    def new_trigger(self, person: str, view: str | None = None) -> str:
        expires_at = self._clock.now() + self._timing.trigger
        trigger = Trigger(self._ids.trigger(self._team), person, expires_at, view)
        self._triggers[trigger.id] = trigger
        return trigger.id

    def exchange(self, trigger_id: str) -> Trigger:
        """The trigger, now used up. Refuses as `views.open` does: unknown, used before, or older than 3 seconds."""
        trigger = self._triggers.get(trigger_id)
        if trigger is None:
            raise RefusedError("invalid_trigger_id")
        if trigger.used:
            raise RefusedError("exchanged_trigger_id")
        if self._clock.now() > trigger.expires_at:
            raise RefusedError("expired_trigger_id")
        self._triggers[trigger_id] = replace(trigger, used=True)
        return trigger

    def new_response_url(
        self, kind: str, person: str, channel: str, *, origin: str | None = None, typed: str | None = None
    ) -> str:
        """The path of a new response_url; `kind` is `commands` or `actions`, as in Slack's own addresses."""
        path = f"/{kind}/{self._team}/{self._ids.of('')}/{self._ids.token()}"
        expires_at = self._clock.now() + self._timing.response_url
        uses = self._timing.response_url_uses
        self._response_urls[path] = ResponseUrl(path, person, channel, expires_at, uses, origin, typed)
        return path

    def response_url(self, path: str) -> ResponseUrl:
        """The response_url at this path, if it can still be used."""
        granted = self._response_urls.get(path)
        if granted is None:
            raise RefusedError("invalid_url")
        if self._clock.now() > granted.expires_at:
            raise RefusedError("expired_url")
        if granted.uses_left < 1:
            raise RefusedError("used_url")
        return granted

    def count_use(self, granted: ResponseUrl) -> None:
        """One use less; the typed command is told at most once."""
        self._response_urls[granted.path] = replace(granted, uses_left=granted.uses_left - 1)

    def forget_typed(self, path: str) -> None:
        """The command has been shown in the channel; it will not be shown again."""
        self._response_urls[path] = replace(self._response_urls[path], typed=None)
