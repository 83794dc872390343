"""What is wrong with a configuration, in sentences by field path (lists are counted from 1), each with its fix."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ValidationError

from deploybot.domain.near import nearest
from deploybot.domain.wildcard import matches
from deploybot.settings.access import to_pattern
from deploybot.settings.model import Settings
from deploybot.settings.section import section_in


def validated(tree: Mapping[str, Any], problems: list[str]) -> Settings | None:
    """The settings of a tree of sources; None, and a sentence for each problem, where something is wrong."""
    try:
        return Settings(**tree)
    except ValidationError as error:
        problems += [_sentence(problem["loc"], problem["type"], problem["msg"]) for problem in error.errors()]
        return None


def _sentence(location: tuple[int | str, ...], kind: str, message: str) -> str:
    path = ".".join(str(part + 1 if isinstance(part, int) else part) for part in location if part != "[key]")
    if kind == "extra_forbidden":
        return f"{path}: there is no such setting{_did_you_mean(location)}"
    if kind == "missing":
        return f"{path}: is needed, but not set"
    return ": ".join(part for part in (path, message.removeprefix("Value error, ")) if part)


def _did_you_mean(location: tuple[int | str, ...]) -> str:
    near = nearest(str(location[-1]), _known_fields(location), n=1)
    return f": did you mean {near[0]}?" if near else ": remove it"


def _known_fields(location: tuple[int | str, ...]) -> list[str]:
    """The fields of the section in which something is that has this location."""
    section: type[BaseModel] = Settings
    for part in location[:-1]:
        field = section.model_fields.get(str(part))
        section = (section_in(field.annotation) if field else None) or section
    return list(section.model_fields)


def unknown_foundations(settings: Settings) -> list[str]:
    """A sentence for each foundation of a rule or guard that is not configured: a mistyped deny would deny nothing."""
    of_rules = [(f"access.rules.{at}.on", rule.on) for at, rule in enumerate(settings.access.rules, 1)]
    of_guards = [(f"guards.{at}.on", guard.on) for at, guard in enumerate(settings.guards, 1)]
    named = [(path, name) for path, on in of_rules + of_guards for text in on for name in to_pattern(text).foundations]
    known = list(settings.foundations)
    return [
        f"{path}: there is no foundation {name!r}: write {' or '.join(nearest(name, known) or known)}"
        for path, name in named
        if not any(matches(name, one) for one in known)
    ]


_LOGINS = (("client_id", "client_secret"), ("username", "password"), ("refresh_token",))


def missing_logins(tree: Mapping[str, Any]) -> list[str]:
    """A sentence for each foundation without exactly one way to log in; told even where other fields are wrong."""
    foundations = tree.get("foundations") or {}
    if not foundations:
        return ["foundations: there is none: set CF_API, or add a [foundations.NAME] section with its api"]
    if not isinstance(foundations, Mapping):
        return []
    return [
        f"foundations.{name}: give one login: client_id and client_secret, or username and password, or refresh_token"
        for name, foundation in foundations.items()
        if isinstance(foundation, Mapping) and not has_one_login(foundation)
    ]


def has_one_login(foundation: Mapping[str, Any]) -> bool:
    return sum(all(foundation.get(field) for field in login) for login in _LOGINS) == 1


def missing_secrets(slack: object, transport: Literal["socket", "http"]) -> list[str]:
    """A sentence for each secret that this transport needs and that is not set."""
    given = slack if isinstance(slack, Mapping) else {}
    problems = []
    if not given.get("bot_token"):
        problems.append("slack.bot_token: set SLACK_BOT_TOKEN (xoxb-..., from OAuth & Permissions of the Slack app)")
    if transport == "socket" and not given.get("app_token"):
        problems.append(
            "slack.app_token: set SLACK_APP_TOKEN (xapp-..., an app-level token with connections:write), "
            "or run with --http and SLACK_SIGNING_SECRET"
        )
    if transport == "http" and not given.get("signing_secret"):
        problems.append("slack.signing_secret: set SLACK_SIGNING_SECRET (from Basic Information of the Slack app)")
    return problems
