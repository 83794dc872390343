"""Looks whether Slack has the user groups that rules of access name.

Where it has not, nobody can tell who is in them: a rule that allows allows nobody by them, one that denies holds for
everybody. https://docs.slack.dev/reference/methods/usergroups.list
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from slack_sdk.web.async_client import AsyncWebClient

from deploybot.domain.access import Effect, Rule, groups_named
from deploybot.domain.finding import Finding, Level
from deploybot.domain.near import nearest
from deploybot.slack.examined_calls import asked

AREA = "access"
CHECKS: Mapping[str, tuple[str, str]] = {
    "groups": (
        "Whether Slack has the user groups that rules name, in use. Of one that it has not nobody can tell who is in "
        "it: a rule that denies holds for everybody then, one that allows allows nobody by it.",
        "Write the group's handle as Slack has it, or its id (`S0123ABC`).",
    ),
}
"""What each check looks at, and what to do where it is not well."""


@dataclass(frozen=True, slots=True)
class GroupsExamination:
    """The port `Examination` over the rules."""

    client: AsyncWebClient
    rules: Sequence[Rule]

    @property
    def area(self) -> str:
        return AREA

    async def findings(self, until: float) -> tuple[Finding, ...]:
        if not groups_named(self.rules):
            return ()
        fix = "add the scope usergroups:read to the app, and reinstall it"
        told = await asked(self.client.usergroups_list, until, "groups", fix)
        if isinstance(told, Finding):
            return (told,)
        used = [one for one in told.get("usergroups") or () if one.get("id") and not one.get("date_delete")]
        return tuple(group_findings(self.rules, {str(n) for one in used for n in (f"@{one.get('handle')}", one["id"])}))


def group_findings(rules: Sequence[Rule], known: Collection[str]) -> Iterator[Finding]:
    """`known` holds the `@handle` and the id of each group that is in use."""
    folded = {name.casefold() for name in known}
    missing = sorted(group for group in groups_named(rules) if group.casefold() not in folded)
    for group in missing:
        yield from (_finding(rule, group, known) for rule in rules if group in rule.who)
    if not missing:
        yield Finding(AREA, "groups", Level.OK, f"Slack has all {len(groups_named(rules))} groups that rules name")


def _finding(rule: Rule, group: str, known: Collection[str]) -> Finding:
    near = nearest(group, [name for name in known if name.startswith(group[:1])])
    fix = f"write {' or '.join(near)}" if near else "write the group's handle as Slack has it, or its id"
    if rule.effect is Effect.DENY:
        says = f"{rule.name} denies {group}, which Slack does not have: so it denies everybody"
        return Finding(AREA, "groups", Level.FAILURE, says, fix)
    says = f"{rule.name} allows {group}, which Slack does not have: so it allows nobody by that"
    return Finding(AREA, "groups", Level.WARNING, says, fix)
