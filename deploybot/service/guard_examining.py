"""Looks at the guards of forgotten canaries: whether each looks after something, and can do there what it says."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from deploybot.domain.finding import Finding, Level
from deploybot.domain.guard import GuardRule
from deploybot.domain.page import Trouble
from deploybot.domain.ports import Foundation, OwnRights
from deploybot.service.guard_check import CheckedGuard, CheckedSpace, check_guards

AREA = "guards"
CHECKS: Mapping[str, tuple[str, str]] = {
    "guard": (
        "Whether each guard looks after something that the bot sees, and whether the bot's own account may cancel "
        "there where it is to. `deploybot guard check` lists the spaces.",
        "Correct its `on`; give the bot's account the role Space Supporter there, and the scope "
        "`cloud_controller.write`.",
    ),
}
"""What each check looks at, and what to do where it is not well."""

_SHOWN = 3


@dataclass(frozen=True, slots=True)
class GuardExamination:
    """The port `Examination` over the guards' rules and the foundations."""

    rules: Sequence[GuardRule]
    foundations: Sequence[Foundation]
    rights: Mapping[str, OwnRights]

    @property
    def area(self) -> str:
        return AREA

    async def findings(self, until: float) -> tuple[Finding, ...]:
        checked = await check_guards(self.rules, self.foundations, self.rights, until)
        return tuple(guard_findings(checked.guards, checked.troubles))


def guard_findings(guards: Sequence[CheckedGuard], troubles: Sequence[Trouble]) -> Iterator[Finding]:
    """A line for each guard, and one for each foundation that could not be asked."""
    for one in guards:
        if one.spaces or not troubles:
            yield _finding(one)
    for trouble in troubles:
        says = f"whether guards can do what they say at {trouble.foundation} was not found out: it {trouble.reason}"
        yield Finding(AREA, "guard", Level.WARNING, says, f"see what is said about the foundation {trouble.foundation}")


def _finding(one: CheckedGuard) -> Finding:
    name, unable = one.rule.name, _unable(one)
    if not one.spaces:
        says = f"{name} looks after nothing: the bot sees no app or space that it is about"
        return Finding(AREA, "guard", Level.FAILURE, says, "correct its `on`, or give the bot's account a role there")
    if unable:
        says = f"{name} is to cancel in {_shown(unable)}, but the bot may not"
        fix = "give the bot's account the role Space Supporter there, and the scope cloud_controller.write"
        return Finding(AREA, "guard", Level.FAILURE, says, fix)
    return Finding(AREA, "guard", Level.OK, f"{name} can do what it says in {_shown(one.spaces)}")


def _unable(one: CheckedGuard) -> list[CheckedSpace]:
    """Where it may certainly not do what it is to do."""
    return [space for space in one.spaces if one.rule.cancel_after is not None and space.may_cancel is False]


def _shown(spaces: Sequence[CheckedSpace]) -> str:
    names = [f"{space.foundation} {space.org}/{space.space}" for space in spaces]
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
