"""How late something begins that is to begin again and again."""

from math import floor


def lateness(due: float | None, now: float, every: float) -> tuple[float, float]:
    """How many seconds late a beginning at `now` is, and when the next one is due; `due` is None at the first.

    What was missed altogether is not made up for: the schedule goes on where it would be by now. Who comes early begins
    the schedule anew, so that no clock that runs apart makes everything late.
    """
    if due is None or now <= due:
        return 0.0, now + every
    late = now - due
    return late, due + (floor(late / every) + 1) * every
