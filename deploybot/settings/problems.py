"""What is wrong with a configuration, in sentences by field path (lists are counted from 1), each with its fix."""

from collections.abc import Mapping, Sequence
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
        problems += [_sentence(one["loc"], one["type"], one["msg"], one.get("ctx", {})) for one in error.errors()]
        return None


def _sentence(location: tuple[int | str, ...], kind: str, message: str, limits: Mapping[str, Any]) -> str:
    path = ".".join(str(part + 1 if isinstance(part, int) else part) for part in location if part != "[key]")
    if kind == "extra_forbidden":
        return f"{path}: there is no such setting{_did_you_mean(location)}"
    if kind == "missing":
        return f"{path}: is needed, but not set"
    said = _SENTENCES[kind].format(**limits) if kind in _SENTENCES else message.removeprefix("Value error, ")
    return ": ".join(part for part in (path, said) if part)


_SENTENCES: Mapping[str, str] = {
    "bool_parsing": "is neither true nor false: write one of them",
    "bool_type": "is neither true nor false: write one of them",
    "dict_type": "is no section: write a line with [NAME] above it",
    "model_type": "is no section: write a line with its name in [brackets], and its keys below",
    "finite_number": "is no finite number: write one",
    "float_parsing": "is no number: write one",
    "float_type": "is no number: write one",
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "int_from_float": "is no whole number: write one",
    "int_parsing": "is no whole number: write one",
    "int_parsing_size": "is too large a number: write a smaller one",
    "int_type": "is no whole number: write one",
    "less_than_equal": "must be {le} at most",
    "literal_error": "must be {expected}",
    "enum": "must be {expected}",
    "path_not_file": "there is no such file: check the path and its permissions",
    "path_type": "is no path: write it in quotes",
    "string_too_short": "is empty: give it a value, or remove the line",
    "string_type": "is no text: write it in quotes",
    "string_unicode": "is not text in UTF-8: write it anew",
    "time_delta_parsing": "is no duration: write it like 30s, 10m, 8h or 1d",
    "time_delta_type": "is no duration: write it like 30s, 10m, 8h or 1d",
    "too_short": "is empty: write one at least",
    "tuple_type": "is no list: write it in [brackets]",
}
"""In place of pydantic's own words, by its kinds of errors. https://docs.pydantic.dev/latest/errors/validation_errors/"""


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


def missing_logins(tree: Mapping[str, Any], told: Sequence[str] = ()) -> list[str]:
    """A sentence for each foundation without exactly one way to log in; told even where other fields are wrong.

    Where one of `told` is about a part of the login there is none: to mend that is enough.
    """
    foundations = tree.get("foundations") or {}
    if not foundations:
        return ["foundations: there is none: set CF_API, or add a [foundations.NAME] section with its api"]
    if not isinstance(foundations, Mapping):
        return []
    return [
        f"foundations.{name}: give one login: client_id and client_secret, or username and password, or refresh_token"
        for name, foundation in foundations.items()
        if isinstance(foundation, Mapping) and not has_one_login(foundation)
        if not any(_is_told(f"foundations.{name}.{field}", told) for login in _LOGINS for field in login)
    ]


def has_one_login(foundation: Mapping[str, Any]) -> bool:
    return sum(all(foundation.get(field) for field in login) for login in _LOGINS) == 1


def missing_secrets(slack: object, transport: Literal["socket", "http"], told: Sequence[str] = ()) -> list[str]:
    """A sentence for each secret that this transport needs and that is not set, unless one of `told` is about it."""
    given = slack if isinstance(slack, Mapping) else {}
    return [
        f"slack.{field}: {_SECRETS[field]}"
        for field in ("bot_token", "app_token" if transport == "socket" else "signing_secret")
        if not given.get(field) and not _is_told(f"slack.{field}", told)
    ]


_SECRETS = {
    "bot_token": "set SLACK_BOT_TOKEN (xoxb-..., from OAuth & Permissions of the Slack app)",
    "app_token": (
        "set SLACK_APP_TOKEN (xapp-..., an app-level token with connections:write), "
        "or run with --http and SLACK_SIGNING_SECRET"
    ),
    "signing_secret": "set SLACK_SIGNING_SECRET (from Basic Information of the Slack app)",
}


def _is_told(path: str, told: Sequence[str]) -> bool:
    return any(problem.startswith((f"{path}: ", f"{path}_file: ")) for problem in told)
