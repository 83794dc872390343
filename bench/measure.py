"""What every benchmark gives back: a ratio of two things measured in one run, beside its goal."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Ratio:
    """`ours` and `other` in `unit`; the goal is about ours divided by other, `at_most` or at least."""

    name: str
    ours: float
    other: float
    unit: str
    goal: float
    at_most: bool = True

    @property
    def value(self) -> float:
        return self.ours / self.other

    @property
    def reached(self) -> bool:
        return self.value <= self.goal if self.at_most else self.value >= self.goal

    def line(self) -> str:
        sign = "<=" if self.at_most else ">="
        verdict = "reached" if self.reached else "MISSED"
        return (
            f"{self.name:<58} {self.ours:>10.3f} {self.other:>10.3f} {self.unit:<6}"
            f" {self.value:>7.2f}x  goal {sign} {self.goal:g}x  {verdict}"
        )


def middle(values: Sequence[float]) -> float:
    """The median of the rounds."""
    return median(values)
