"""The fault switches: what the workspace does wrong on purpose, and for how many calls still."""

from dataclasses import asdict, dataclass, replace

from deploybot.demo.workspace.records import JsonObject
from deploybot.demo.workspace.refusals import RefusedError


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong with the calls of `methods` (all if empty), `times` times (for good if None).

    `kind`: `none`, `rate_limited` (429 with `retry_after`), `internal_error` (500), `slow` (done and answered after
    `seconds`), `cut` (done, but the connection ends before the answer), `done_but_500`, `done_but_slow` (done at once,
    answered after `seconds`), `drop_ack` (an acknowledgement that got lost).
    `where`: `web_api`, `response_url` or `delivery`.
    With `shown_after` what a Web API method posts is answered as told, but in the channel only so many seconds later.
    """

    kind: str
    where: str = "web_api"
    methods: tuple[str, ...] = ()
    times: int | None = None
    retry_after: int = 1
    seconds: float = 1.0
    shown_after: float = 0.0


NO_FAULT = Fault("none")

KINDS = {
    "web_api": ("none", "rate_limited", "internal_error", "slow", "cut", "done_but_500", "done_but_slow"),
    "response_url": ("rate_limited", "internal_error", "slow", "cut"),
    "delivery": ("drop_ack",),
}


def parse_fault(given: JsonObject) -> Fault:
    """A fault from the control API's JSON; refuses what it does not know."""
    unknown = set(given) - {"kind", "where", "methods", "times", "retry_after", "seconds", "shown_after"}
    if unknown:
        raise RefusedError("invalid_arguments", detail=f"unknown: {', '.join(sorted(unknown))}")
    fault = Fault(**{**given, "methods": tuple(given.get("methods", ()))})
    if fault.kind not in KINDS.get(fault.where, ()):
        raise RefusedError("invalid_arguments", detail=f"{fault.kind} is no fault of {fault.where}: {KINDS}")
    return fault


class FaultBoard:
    def __init__(self) -> None:
        self._faults: tuple[Fault, ...] = ()

    def set_all(self, faults: tuple[Fault, ...]) -> None:
        self._faults = faults

    def to_json(self) -> list[JsonObject]:
        return [asdict(fault) for fault in self._faults]

    def take(self, where: str, method: str) -> Fault | None:
        """The fault that hits this call, if any; it is counted as used."""
        for index, fault in enumerate(self._faults):
            if fault.where == where and (not fault.methods or method in fault.methods):
                self._faults = (*self._faults[:index], *_used_once(fault), *self._faults[index + 1 :])
                return fault
        return None


def _used_once(fault: Fault) -> tuple[Fault, ...]:
    if fault.times is None:
        return (fault,)
    return (replace(fault, times=fault.times - 1),) if fault.times > 1 else ()
