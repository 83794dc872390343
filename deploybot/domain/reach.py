"""How far a right reaches for somebody somewhere: everything, some apps or nothing, and which rules say so."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from deploybot.domain.access import (
    USUAL,
    Effect,
    Right,
    Rule,
    Target,
    Viewer,
    Where,
    fits,
    holds,
    is_about_all,
    is_member,
    may_hold,
)


@dataclass(frozen=True, slots=True)
class Reach:
    """`allowing` and `denying` are the rules that are for this viewer here, in the order of the configuration.

    `by_default` is set where no rule speaks of the right, and members may.
    """

    right: Right
    allowing: tuple[Rule, ...] = ()
    denying: tuple[Rule, ...] = ()
    by_default: bool = False
    why_not: str = ""
    """In words, where nothing is allowed."""

    @property
    def is_nothing(self) -> bool:
        return bool(self.why_not)

    @property
    def is_everything(self) -> bool:
        """Whether no app is left out."""
        return self.by_default or (not self.why_not and not self.denying and any(map(is_about_all, self.allowing)))


def reach_of(rules: Sequence[Rule], viewer: Viewer, right: Right, where: Where) -> Reach:
    """How far one right reaches, whatever else is needed for its use."""
    speaking = [rule for rule in rules if right in rule.may]
    if not speaking and right in USUAL:
        member = is_member(viewer)
        return Reach(right, by_default=member, why_not="" if member else "without a rule only members may")
    allowing = tuple(rule for rule in speaking if holds(rule, viewer, where))
    denying = tuple(rule for rule in speaking if rule.effect is Effect.DENY and may_hold(rule, viewer, where))
    return Reach(right, allowing, denying, why_not=_why_not(allowing, denying))


def _why_not(allowing: Sequence[Rule], denying: Sequence[Rule]) -> str:
    forbidding = next(filter(is_about_all, denying), None)
    if forbidding:
        return f"{forbidding.name} denies it"
    return "" if allowing else "no rule allows it"


def standing_of(rule: Rule, viewer: Viewer, where: Where, target: Target) -> str:
    """Whether a rule holds for this viewer, here and for this app, else why not, in words."""
    denies = rule.effect is Effect.DENY
    counts = may_hold if denies else holds
    if not counts(replace(rule, where=()), viewer, where):
        return "is for other people"
    if not counts(rule, viewer, where):
        return "is for other channels"
    if rule.on and not any(fits(pattern, target, unknown=denies) for pattern in rule.on):
        return "is about other apps"
    return "holds"
