"""The grammar of `label_selector`, and the rules for keys and values, with the server's messages."""

import re
from collections.abc import Mapping
from typing import Literal, assert_never

import msgspec

MOST_REQUIREMENTS = 50
MOST_CHARACTERS = 63
RESERVED_PREFIX = "cloudfoundry.org"

KEY = r"[\w\-./]"
PATTERNS: tuple[tuple["Operator", re.Pattern[str]], ...] = (
    ("in", re.compile(rf"({KEY}+) in \((.*)\)", re.ASCII)),
    ("notin", re.compile(rf"({KEY}+) notin \((.*)\)", re.ASCII)),
    ("in", re.compile(rf"({KEY}+)==?(.*)", re.ASCII)),
    ("notin", re.compile(rf"({KEY}*)!=(.*)", re.ASCII)),
    ("absent", re.compile(rf"!({KEY}+)()", re.ASCII)),
    ("present", re.compile(rf"({KEY}+)()", re.ASCII)),
)
REQUIREMENT = re.compile(r"(?:\(.*?\)|[^,])+")
LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9\-]*[a-zA-Z0-9])?"
DNS = re.compile(rf"(?:{LABEL}\.)+{LABEL}")
NAME = re.compile(r"[\w\-.]*", re.ASCII)
ENDS = re.compile(r"[a-zA-Z0-9](?:.*[a-zA-Z0-9])?", re.DOTALL)

Operator = Literal["in", "notin", "present", "absent"]


class Requirement(msgspec.Struct, frozen=True):
    operator: Operator
    key: str
    values: tuple[str, ...]

    def met_by(self, labels: Mapping[str, str]) -> bool:
        match self.operator:
            case "in":
                return labels.get(self.key) in self.values if self.key in labels else False
            case "notin":
                return self.key not in labels or labels[self.key] not in self.values
            case "present":
                return self.key in labels
            case "absent":
                return self.key not in labels
        assert_never(self.operator)


def parse_selector(text: str | None) -> tuple[tuple[Requirement, ...], list[str]]:
    """The requirements of a selector, and what is wrong with it."""
    parts = REQUIREMENT.findall(text or "")
    if not parts:
        return (), ["Missing label_selector value"]
    if len(parts) > MOST_REQUIREMENTS:
        return (), [f"Too many label_selector requirements (maximum is {MOST_REQUIREMENTS})"]
    requirements = [_requirement(part) for part in parts]
    problems = [problem for each in requirements if (problem := _requirement_problem(each))]
    return tuple(each for each in requirements if each), problems


def key_problem(key: str) -> str | None:
    """What the server says about a label key (`prefix/name` or `name`), None when it is fine."""
    if not key:
        return "key cannot be empty string"
    prefix, slash, name = key.rpartition("/")
    if "/" in prefix:
        return "key has more than one '/'"
    if slash and not DNS.fullmatch(prefix):
        return f"prefix '{prefix}' must be in valid dns format"
    if slash and prefix == RESERVED_PREFIX:
        return f"prefix '{RESERVED_PREFIX}' is reserved"
    return "key cannot be empty string" if not name else _characters_problem(name)


def value_problem(value: str) -> str | None:
    return _characters_problem(value) if value else None


def _characters_problem(text: str) -> str | None:
    if not NAME.fullmatch(text):
        return f"'{text}' contains invalid characters"
    if not ENDS.fullmatch(text):
        return f"'{text}' starts or ends with invalid characters"
    if len(text) > MOST_CHARACTERS:
        return f"'{text[:8]}...' is greater than {MOST_CHARACTERS} characters"
    return None


def _requirement(text: str) -> Requirement | None:
    for operator, pattern in PATTERNS:
        if found := pattern.fullmatch(text):
            return Requirement(operator, found[1], _split(found[2]))
    return None


def _split(values: str) -> tuple[str, ...]:
    """Ruby's split: blanks stay, and empty values at the end vanish, so `key=` has no value to match."""
    parts = values.split(",")
    while parts and not parts[-1]:
        parts.pop()
    return tuple(parts)


def _requirement_problem(requirement: Requirement | None) -> str | None:
    if requirement is None:
        return "Invalid label_selector value"
    problems = (key_problem(requirement.key), *map(value_problem, requirement.values))
    return next(filter(None, problems), None)
