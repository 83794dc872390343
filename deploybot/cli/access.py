"""`deploybot access explain`: what the configured rules say about somebody, without asking Slack or a foundation."""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer

from deploybot.cli.failing import told
from deploybot.domain.access import Decision, Right, Rule, Someone, Target, decide_act
from deploybot.domain.near import nearest
from deploybot.domain.reach import standing_of
from deploybot.errors import UserError
from deploybot.service.reading import where_of
from deploybot.settings.loading import environment, load

ALLOWED, DENIED = 0, 1

access = typer.Typer(no_args_is_help=True, help="Who may do what where.")


@access.callback()
def _access() -> None:
    """Who may do what where."""


@access.command()
def explain(
    user: Annotated[str, typer.Option(help="The person's Slack id: U0123ABC.")],
    action: Annotated[Right, typer.Option(help="What they want to do.")],
    channel: Annotated[str, typer.Option(help="The channel's id, C0123ABC; left out: not known.")] = "",
    app: Annotated[str, typer.Option(help="The app's name or guid; what is left out is not known.")] = "",
    space: Annotated[str, typer.Option(help="Its space.")] = "",
    org: Annotated[str, typer.Option(help="Its org.")] = "",
    foundation: Annotated[str, typer.Option(help="Its foundation; the configured one if there is one only.")] = "",
    group: Annotated[list[str] | None, typer.Option(help="A group that they are in, as rules name it.")] = None,
    guest: Annotated[bool, typer.Option("--guest", help="They are a guest, no full member.")] = False,
    config: Annotated[Path | None, typer.Option(help="Path of deploybot.toml.")] = None,
) -> None:
    """Tell whether somebody may do something, and which rule says so. Exits with 0 allowed, 1 denied, 2 bad input."""
    with told():
        person = _person(user, group or [], guest)
        settings = load(config, environment(), transport=None)
        target = _target(_foundation(foundation, list(settings.foundations)), org, space, app)
        where = where_of(_matching(channel, r"[CGD][A-Z0-9]{2,}|", "--channel", "a channel's id, like C0123ABC"))
        rules = settings.access.to_rules()
        decision = decide_act(rules, person, action, where, target)
        speaking = [rule for rule in rules if rule.may & {action, Right.READ}]
        lines = _lines(action, decision, [(rule, standing_of(rule, person, where, target)) for rule in speaking])
        typer.echo("\n".join([*lines, *_remarks(person, channel, target)]))
        raise typer.Exit(ALLOWED if decision.allowed else DENIED)


def _person(user: str, groups: Sequence[str], guest: bool) -> Someone:
    given = _matching(user, r"[UW][A-Z0-9]{2,}", "--user", "a user's id, like U0123ABC")
    for group in groups:
        _matching(group, r"@\S+|S[A-Z0-9]{2,}", "--group", "a group as rules name it: @oncall or S0123ABC")
    return Someone(given, frozenset(groups), is_member=not guest)


def _matching(given: str, pattern: str, option: str, wanted: str) -> str:
    if not re.fullmatch(pattern, given):
        raise UserError(f"{option} {given}: write {wanted}.")
    return given


def _foundation(given: str, known: Sequence[str]) -> str:
    if not given:
        return known[0] if len(known) == 1 else ""
    if given not in known:
        meant = " or ".join(nearest(given, known)) or ", ".join(known)
        raise UserError(f"--foundation {given}: there is none of this name; write {meant}.")
    return given


def _target(foundation: str, org: str, space: str, app: str) -> Target:
    """What looks like a guid is one; its name is not known then."""
    (org, org_guid), (space, space_guid), (app, app_guid) = map(_name_and_guid, (org, space, app))
    return Target(foundation, org, space, app, org_guid, space_guid, app_guid)


def _name_and_guid(given: str) -> tuple[str, str]:
    return ("", given) if re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", given) else (given, "")


def _lines(action: Right, decision: Decision, rules: Iterable[tuple[Rule, str]]) -> Iterator[str]:
    second = ", if a second person agrees" if decision.approvals and action in {Right.CONTINUE, Right.CANCEL} else ""
    yield f"{action}: {'allowed' if decision.allowed else 'denied'}{second}"
    yield f"why: {decision.why}"
    for rule, standing in rules:
        yield f"- {rule.name} ({rule.effect} {', '.join(sorted(rule.may))}) {standing}"


def _remarks(person: Someone, channel: str, target: Target) -> Iterator[str]:
    kind = "a member of the workspace" if person.is_member else "a guest"
    groups = ", ".join(sorted(person.groups)) or "no group"
    yield f"Slack was not asked: I took {person.user} for {kind}, in {groups}."
    names = {"foundation": target.foundation, "org": target.org, "space": target.space, "app": target.app}
    unknown = [word for word, name in names.items() if not name]
    if not channel:
        unknown.append("channel")
    if unknown:
        yield f"Not known: {', '.join(unknown)}. There a rule that denies holds, and one that allows only for any."
