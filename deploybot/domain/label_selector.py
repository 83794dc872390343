"""Label selectors, checked as Cloud Foundry checks them, so that a mistake is told in words before asking."""

import re

from deploybot.errors import UserError

MOST_REQUIREMENTS = 50
MOST_CHARACTERS = 63
MOST_PREFIX = 253
RESERVED = "cloudfoundry.org"

_REQUIREMENT = re.compile(r"(?:\([^()]*\)|[^,])+")
_IN = re.compile(r"(\S+)\s+(in|notin)\s*\((.*)\)", re.DOTALL)
_COMPARED = re.compile(r"([^\s=!]*)\s*(==?|!=)\s*(.*)", re.DOTALL)
_CHARACTERS = re.compile(r"[a-zA-Z0-9_.-]*")
_DNS_LABEL = re.compile(r"[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?")

_FORMS = "key, !key, key=value, key!=value, key in (a,b) or key notin (a,b), with commas between"


def canonical_selector(text: str) -> str:
    """The selector as the server reads it, without needless blanks; a UserError says what is wrong with it."""
    requirements = [part.strip() for part in _REQUIREMENT.findall(text) if part.strip()]
    if not requirements:
        raise UserError(f"The label selector is empty: write {_FORMS}.")
    if len(requirements) > MOST_REQUIREMENTS:
        raise UserError(f"The label selector has {len(requirements)} parts: at most {MOST_REQUIREMENTS} are possible.")
    return ",".join(map(_requirement, requirements))


def _requirement(text: str) -> str:
    if found := _IN.fullmatch(text):
        values = [_value(value.strip()) for value in found[3].split(",")]
        if values == [""]:
            raise UserError(f"List what {_key(found[1])} may be: {found[1]} {found[2]} (a,b).")
        return f"{_key(found[1])} {found[2]} ({','.join(values)})"
    if found := _COMPARED.fullmatch(text):
        return f"{_key(found[1])}{'!=' if found[2] == '!=' else '='}{_value(found[3])}"
    if text.startswith("!"):
        return f"!{_key(text[1:].lstrip())}"
    return _key(text)


def _key(key: str) -> str:
    prefix, slash, name = key.rpartition("/")
    if "/" in prefix:
        raise UserError(f"The label key {_short(key)} has more than one slash: write prefix/name.")
    if slash:
        _check_prefix(prefix)
    if not name:
        raise UserError(f"A label key is missing: write {_FORMS}.")
    _check(name, "key")
    return key


def _check_prefix(prefix: str) -> None:
    if len(prefix) > MOST_PREFIX:
        raise UserError(
            f"The label prefix {_short(prefix)} is too long: at most {MOST_PREFIX} characters are possible."
        )
    labels = prefix.split(".")
    if len(labels) < 2 or not all(map(_DNS_LABEL.fullmatch, labels)):
        raise UserError(f"The label prefix {_short(prefix)} is not a domain name: write it like example.com/team.")
    if prefix.lower() == RESERVED:
        raise UserError(f"The label prefix {RESERVED} is reserved by Cloud Foundry: use another one.")


def _value(value: str) -> str:
    if value:
        _check(value, "value")
    return value


def _check(text: str, what: str) -> None:
    if not _CHARACTERS.fullmatch(text):
        raise UserError(f"The label {what} {_short(text)} may only hold letters, digits, - _ and dots: write {_FORMS}.")
    if not (text[0].isalnum() and text[-1].isalnum()):
        raise UserError(f"The label {what} {_short(text)} must begin and end with a letter or a digit.")
    if len(text) > MOST_CHARACTERS:
        raise UserError(
            f"The label {what} {_short(text)} is too long: at most {MOST_CHARACTERS} characters are possible."
        )


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"
