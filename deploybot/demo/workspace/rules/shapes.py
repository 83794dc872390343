"""The bricks of which the rules are built: a check takes a value and its JSON pointer, and yields what is wrong."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from deploybot.demo.workspace.rules.problem import Problem

Problems: TypeAlias = Iterator[Problem]
Check: TypeAlias = Callable[[Any, str], Problems]


def text(most: int, *, least: int = 0) -> Check:
    """A bare string of `least` to `most` characters."""

    def check(value: Any, at: str) -> Problems:
        if not isinstance(value, str):
            yield Problem(at, "must be a string")
        elif len(value) > most:
            yield Problem(at, f"must be less than {most + 1} characters")
        elif len(value) < least:
            yield Problem(at, f"must be more than {least - 1} characters")

    return check


def flag(value: Any, at: str) -> Problems:
    """True or false."""
    if not isinstance(value, bool):
        yield Problem(at, "must be a boolean")


def whole(least: int, most: int) -> Check:
    """A whole number from `least` to `most`."""

    def check(value: Any, at: str) -> Problems:
        if not isinstance(value, int) or isinstance(value, bool):
            yield Problem(at, "must be an integer")
        elif not least <= value <= most:
            yield Problem(at, f"must be between {least} and {most}")

    return check


def number(*, above: float | None = None) -> Check:
    """A number, greater than `above` if that is given."""

    def check(value: Any, at: str) -> Problems:
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            yield Problem(at, "must be a number")
        elif above is not None and value <= above:
            yield Problem(at, f"must be greater than {above:g}")

    return check


def word(*allowed: str) -> Check:
    """One of these words."""

    def check(value: Any, at: str) -> Problems:
        if value not in allowed:
            yield Problem(at, f"must be one of {', '.join(allowed)}")

    return check


def array(item: Check, least: int, most: int) -> Check:
    """A list of `least` to `most` such items."""

    def check(value: Any, at: str) -> Problems:
        if not isinstance(value, list):
            yield Problem(at, "must be an array")
            return
        if len(value) > most:
            yield Problem(at, f"no more than {most} items allowed")
        if len(value) < least:
            yield Problem(at, f"no less than {least} items allowed")
        for index, entry in enumerate(value):
            yield from item(entry, f"{at}/{index}")

    return check


def nullable(item: Check) -> Check:
    """Null, or such an item."""
    return lambda value, at: iter(()) if value is None else item(value, at)


def record(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None, *rules: Check) -> Check:
    """An object with these keys and no others; `rules` look at the whole object, if all else is right."""
    known = {**required, **(optional or {})}

    def keys(value: dict[str, Any], at: str) -> Problems:
        for key in required:
            if key not in value:
                yield Problem(at, f"missing required field: {key}")
        for key, entry in value.items():
            if key in known:
                yield from known[key](entry, f"{at}/{key}")
            else:
                yield Problem(at, f"invalid additional property: {key}")

    def check(value: Any, at: str) -> Problems:
        if not isinstance(value, dict):
            yield Problem(at, "must be an object")
            return
        found = tuple(keys(value, at))
        yield from found
        if not found:
            for rule in rules:
                yield from rule(value, at)

    return check


def tagged(cases: Mapping[str, Check], what: str) -> Check:
    """An object whose `type` decides about the rest; `what` names what is expected here."""

    def check(value: Any, at: str) -> Problems:
        kind = value.get("type") if isinstance(value, dict) else None
        if not isinstance(kind, str) or kind not in cases:
            yield Problem(at, f"unsupported type: {kind}, expected a {what}: {', '.join(cases)}")
        else:
            yield from cases[kind](value, at)

    return check


def one_of(*keys: str) -> Check:
    """A rule for an object: exactly one of these keys."""

    def check(value: Any, at: str) -> Problems:
        present = [key for key in keys if value.get(key) is not None]
        if len(present) != 1:
            yield Problem(at, f"exactly one of {', '.join(keys)} is needed, not {len(present)}")

    return check


def any_of(*keys: str) -> Check:
    """A rule for an object: at least one of these keys."""

    def check(value: Any, at: str) -> Problems:
        if not any(value.get(key) for key in keys):
            yield Problem(at, f"at least one of {', '.join(keys)} is needed")

    return check


def anything(_value: Any, _at: str) -> Problems:
    """No rule here."""
    return iter(())
