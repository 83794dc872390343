"""Label selectors, evaluated on the labels of one deployment as Cloud Foundry evaluates them in its database."""

import re
from collections.abc import Callable, Mapping

from deploybot.domain.label_selector import canonical_selector

LabelTest = Callable[[Mapping[str, str]], bool]

_REQUIREMENT = re.compile(r"(?:\([^()]*\)|[^,])+")
_IN = re.compile(r"(\S+) (in|notin) \((.*)\)")
_COMPARED = re.compile(r"([^!=]+)(!?=)(.*)")


def label_matches(selector: str, labels: Mapping[str, str]) -> bool:
    """Do the labels meet every requirement of a selector? A UserError where it is none."""
    return label_test(selector)(labels)


def label_test(selector: str) -> LabelTest:
    """The same for many deployments: the selector is read once."""
    tests = [_test(part) for part in _REQUIREMENT.findall(canonical_selector(selector))]
    return lambda labels: all(test(labels) for test in tests)


def _test(requirement: str) -> LabelTest:
    if found := _IN.fullmatch(requirement):
        return _within(found[1], _values(found[3]), wanted=found[2] == "in")
    if found := _COMPARED.fullmatch(requirement):
        return _within(found[1], _values(found[3]), wanted=found[2] == "=")
    if requirement.startswith("!"):
        return lambda labels: requirement[1:] not in labels
    return lambda labels: requirement in labels


def _within(key: str, values: frozenset[str], *, wanted: bool) -> LabelTest:
    """A label that is missing is in no set, so `notin` and `!=` let it pass."""
    return lambda labels: (labels[key] in values if key in labels else False) is wanted


def _values(text: str) -> frozenset[str]:
    """Empty values at the end vanish there: `key=` matches nothing, not even an empty value."""
    parts = text.split(",")
    while parts and not parts[-1]:
        parts.pop()
    return frozenset(parts)
