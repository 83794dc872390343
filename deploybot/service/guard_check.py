"""What each guard is about, and whether the bot may cancel there: for operators, before somebody relies on it."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from deploybot.domain.access import Target, target_of
from deploybot.domain.deployment import Space
from deploybot.domain.guard import GuardRule, names_apps, rule_about
from deploybot.domain.page import Trouble
from deploybot.domain.ports import Foundation, OwnRights
from deploybot.errors import UpstreamError

MOST_APPS = 5000
"""Of one foundation: of more than these no guard is checked that is about some apps of a space."""


@dataclass(frozen=True, slots=True)
class CheckedSpace:
    """A space with apps that a guard is about; `may_cancel` is None where that could not be found out."""

    foundation: str
    org: str
    space: str
    may_cancel: bool | None


@dataclass(frozen=True, slots=True)
class CheckedGuard:
    """One guard, and the spaces that it looks after as far as the bot sees them."""

    rule: GuardRule
    spaces: tuple[CheckedSpace, ...]

    @property
    def is_able(self) -> bool:
        """Whether it can do what it says: it looks after something, and the bot may cancel there where it is to."""
        return bool(self.spaces) and (self.rule.cancel_after is None or all(one.may_cancel for one in self.spaces))


@dataclass(frozen=True, slots=True)
class Checked:
    """All guards, in their order, and what went wrong on the way."""

    guards: tuple[CheckedGuard, ...]
    troubles: tuple[Trouble, ...] = ()


async def check_guards(
    rules: Sequence[GuardRule], foundations: Sequence[Foundation], rights: Mapping[str, OwnRights], until: float
) -> Checked:
    """Look at what can be seen now. `until` is on the monotonic clock; what can't be asked is a trouble."""
    found = await asyncio.gather(*(_of_foundation(rules, one, rights[one.name], until) for one in foundations))
    spaces = [pair for pairs, _ in found for pair in pairs]
    guards = tuple(CheckedGuard(rule, tuple(space for of, space in spaces if of == rule)) for rule in rules)
    return Checked(guards, tuple(trouble for _, troubles in found for trouble in troubles))


async def _of_foundation(
    rules: Sequence[GuardRule], foundation: Foundation, rights: OwnRights, until: float
) -> tuple[list[tuple[GuardRule, CheckedSpace]], list[Trouble]]:
    """The spaces there with the guards that look after them, and troubles."""
    try:
        targets, troubles = await _targets(rules, foundation, until)
    except UpstreamError as problem:
        return [], [Trouble(foundation.name, problem.reason)]
    guarded = guarded_spaces(rules, targets)
    asked = {place.space_guid for rule, place in guarded if rule.cancel_after is not None}
    allowed = await rights.spaces_to_act_in(asked, until) if asked else frozenset()
    if allowed is None:
        troubles.append(Trouble(foundation.name, "did not say where the bot may cancel"))
    checked = [
        (rule, CheckedSpace(place.foundation, place.org, place.space, _may(place, allowed))) for rule, place in guarded
    ]
    return checked, troubles


def guarded_spaces(rules: Sequence[GuardRule], targets: Iterable[Target]) -> list[tuple[GuardRule, Target]]:
    """Each guard with the spaces of what it is about, by name; of several guards that are about it the first counts."""
    found = {
        (rules.index(rule), one.org, one.space, one.space_guid): (rule, one)
        for one in targets
        if (rule := rule_about(rules, one))
    }
    return [found[key] for key in sorted(found)]


async def _targets(
    rules: Sequence[GuardRule], foundation: Foundation, until: float
) -> tuple[list[Target], list[Trouble]]:
    """All spaces that can be seen, or all apps where rules tell apps of one space apart."""
    if not names_apps(rules):
        return [_target(foundation.name, space) for space in await foundation.find_spaces((), until)], []
    found = await foundation.find_apps(at_most=MOST_APPS, until=until)
    lacking = [] if found.complete else [Trouble(foundation.name, f"has more than {MOST_APPS} apps: not all were seen")]
    return [target_of(foundation.name, app) for app in found.apps if app.space], lacking


def _target(foundation: str, space: Space) -> Target:
    org = space.org
    return Target(
        foundation,
        org=org.name if org else "",
        org_guid=org.guid if org else "",
        space=space.name,
        space_guid=space.guid,
    )


def _may(place: Target, allowed: frozenset[str] | None) -> bool | None:
    return None if allowed is None else place.space_guid in allowed
