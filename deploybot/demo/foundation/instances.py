"""What instances are doing at an instant: STARTING, RUNNING or CRASHED, worked out from when they began."""

from deploybot.demo.foundation.entities import Health, Instance, Process
from deploybot.demo.foundation.instants import SECOND


def state_at(instance: Instance, now: int) -> tuple[str, int]:
    """State and the seconds it has lasted."""
    if instance.fixed is not None:
        return instance.fixed
    age = max(0, now - instance.since)
    if instance.crashes_after is not None:
        into = age % instance.restarts_every
        if into < instance.crashes_after:
            return "STARTING", into // SECOND
        return "CRASHED", (into - instance.crashes_after) // SECOND
    if age < instance.starting:
        return "STARTING", age // SECOND
    return "RUNNING", (age - instance.starting) // SECOND


def counts(process: Process, now: int) -> tuple[int, int, int]:
    """(running and routable, starting, unhealthy) instances."""
    states = [state_at(instance, now)[0] for instance in process.running]
    running, starting = states.count("RUNNING"), states.count("STARTING")
    return running, starting, len(states) - running - starting


def scaled(running: tuple[Instance, ...], size: int, health: Health, now: int, speed: float) -> tuple[Instance, ...]:
    """The instances after scaling: the highest indexes go first, new ones begin `speed` times as fast."""
    added = (begun(index, health, now, speed) for index in range(len(running), size))
    return (*running[:size], *added)


def begun(index: int, health: Health, now: int, speed: float) -> Instance:
    crashes = health.crashes_after
    return Instance(
        since=now,
        starting=round(health.starting[index % len(health.starting)] / speed),
        crashes_after=None if crashes is None else round(crashes / speed),
        restarts_every=max(1, round(health.restarts_every / speed)),
    )
