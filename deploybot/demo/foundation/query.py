"""Validates the parameters of a list as the server does, every problem in its words and order."""

import re
from collections.abc import Callable, Iterable, Mapping
from urllib.parse import unquote_plus

import msgspec

from deploybot.demo.foundation import timestamps
from deploybot.demo.foundation.labels import Requirement, parse_selector
from deploybot.demo.foundation.rack import Params, Value
from deploybot.demo.foundation.refusals import BreakdownError, RefusedError, bad_query

PAGING = ("page", "per_page", "order_by", "created_ats", "updated_ats")
MOST_PER_PAGE = 5000
MOST_RESULTS = 9223372036854775807
OPERATORS = ("lt", "lte", "gt", "gte")
LEADING_NUMBER = re.compile(r"\s*([+-]?\d+)")

Texts = tuple[str, ...] | None
"""The values of a list parameter; None when it came without `=`."""


class Accepts(msgspec.Struct, frozen=True, kw_only=True):
    """What one list endpoint takes, in the order in which its errors name the parameters."""

    keys: tuple[str, ...]
    orders: tuple[str, ...] = ("created_at", "updated_at")
    include: tuple[str, ...] = ()
    embed: tuple[str, ...] = ()
    negatable: str | None = None  # the parameter that takes [not]
    default_order: str | None = None  # as if it had been asked for
    refuse: Callable[[list[str]], RefusedError] = bad_query

    @property
    def lists(self) -> tuple[str, ...]:
        return tuple(key for key in self.keys if key not in ("label_selector", "include", "embed", "deployable"))


class Times(msgspec.Struct, frozen=True):
    """One time filter: its ranges are joined by OR when plain, by AND when they come from operators."""

    ranges: tuple[timestamps.Range, ...]
    all_must_hold: bool


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """A valid list request. `shown` is what the links repeat, already in their spelling."""

    page: int
    per_page: int
    order: tuple[str, bool] | None  # field, descending
    lists: Mapping[str, Texts]
    negated: Mapping[str, Texts]
    times: Mapping[str, Times]
    selector: tuple[Requirement, ...] | None
    include: tuple[str, ...]
    embed: tuple[str, ...]
    shown: tuple[tuple[str, str | None], ...]


def validate(params: Params, accepts: Accepts) -> Query:
    """The query, or RefusedError 10005 with all that is wrong, or BreakdownError where the server breaks."""
    if accepts.default_order and not params.get("order_by"):
        params = {**params, "order_by": accepts.default_order}
    page, per_page, problems = _paging(params)
    order = _order(params.get("order_by"), accepts.orders, problems)
    for field in ("created_ats", "updated_ats"):
        if field in params:
            _check_times(field, params[field], problems)
    _check_lists(params, accepts, problems)
    selector = _selector(params, accepts, problems)
    include = _resources(params, "include", "included", accepts.include, problems)
    embed = _resources(params, "embed", "embedded", accepts.embed, problems)
    _check_known(params, accepts, problems)
    if problems:
        raise accepts.refuse(problems)
    _break_on_null_bytes(params)
    return Query(
        page=page,
        per_page=per_page,
        order=order,
        lists={key: texts(params[key]) for key in accepts.lists if _is_plain(params, key)},
        negated={
            key: texts(value["not"]) for key, value in params.items() if isinstance(value, dict) and "not" in value
        },
        times={field: _times(params[field]) for field in ("created_ats", "updated_ats") if params.get(field)},
        selector=selector,
        include=include,
        embed=embed,
        shown=tuple(_shown(params, order)),
    )


def texts(value: Value) -> Texts:
    """A list is split at commas, then unescaped a second time; an array is first written as Ruby would."""
    if value is None:
        return None
    written = value if isinstance(value, str) else _inspected(value)
    return tuple(unquote_plus(each) for each in re.split(r",\s*", written))


def _inspected(value: Value) -> str:
    many = value if isinstance(value, list) else []
    return "[" + ", ".join("nil" if each is None else f'"{each}"' for each in many) + "]"


def _is_plain(params: Params, key: str) -> bool:
    return key in params and not isinstance(params[key], dict)


def _paging(params: Params) -> tuple[int, int, list[str]]:
    problems: list[str] = []
    page = _number(params, "page", 1)
    per_page = _number(params, "per_page", 50)
    if page < 1:
        problems.append("Page must be a positive integer")
    if per_page < 1:
        problems.append("Per page must be a positive integer")
    elif per_page > MOST_PER_PAGE:
        problems.append(f"Per page must be between 1 and {MOST_PER_PAGE}")
    if page > 0 and page * per_page > MOST_RESULTS:
        problems.append(f"Maximum result (page * per_page) must be less than {MOST_RESULTS}")
    return page, per_page, problems


def _number(params: Params, key: str, default: int) -> int:
    """As Ruby's to_i reads it: the digits in front count, anything else is 0."""
    value = params.get(key)
    if value is None:
        return default
    if not isinstance(value, str):
        raise BreakdownError
    found = LEADING_NUMBER.match(value)
    return int(found[1]) if found else 0


def _order(value: Value, orders: tuple[str, ...], problems: list[str]) -> tuple[str, bool] | None:
    if not value:
        return None
    if not isinstance(value, str):
        raise BreakdownError
    field = value[1:] if value[0] in "+-" else value
    if field not in orders:
        problems.append("Order by can only be: " + ", ".join(f"'{each}'" for each in orders))
    return field, value[0] == "-"


def _check_times(field: str, value: Value, problems: list[str]) -> None:
    if value is None:
        raise BreakdownError
    name = _humanized(field)
    plain: list[str | None] = []
    if isinstance(value, dict):
        for operator, operand in value.items():
            if operator not in OPERATORS:
                problems.append(f"{name} Invalid relational operator: '{operator}'")
            operands = texts(operand) or ("",)
            if len(operands) > 1:
                problems.append(f"{name} only accepts one value when using a relational operator")
            plain.extend(operands)
    else:
        plain.extend(texts(value) or ())
    if not all(map(timestamps.is_timestamp, plain)):
        problems.append(f"{name} {timestamps.WRONG_FORMAT}")


def _times(value: Value) -> Times:
    if isinstance(value, dict):
        pairs = [(operator, (texts(operand) or ("",))[0]) for operator, operand in value.items()]
        return Times(tuple(timestamps.matching(op, timestamps.instant(at)) for op, at in pairs), True)
    plain = texts(value) or ()
    return Times(tuple(timestamps.matching(None, timestamps.instant(at)) for at in plain), False)


def _check_lists(params: Params, accepts: Accepts, problems: list[str]) -> None:
    for key in accepts.lists:
        value = params.get(key)
        if not isinstance(value, dict):
            continue
        if key != accepts.negatable:
            problems.append(f"{_humanized(key)} must be an array")
        elif set(value) != {"not"}:
            problems.append(f"{_humanized(key)} {key} has an invalid operator")
    if "deployable" in params and "deployable" in accepts.keys:
        problems.append("Deployable must be a boolean")


def _selector(params: Params, accepts: Accepts, problems: list[str]) -> tuple[Requirement, ...] | None:
    if "label_selector" not in params or "label_selector" not in accepts.keys:
        return None
    value = params["label_selector"]
    if isinstance(value, list | dict):
        raise BreakdownError
    requirements, wrong = parse_selector(value)
    problems.extend(wrong)
    return requirements


def _resources(
    params: Params, key: str, participle: str, valid: tuple[str, ...], problems: list[str]
) -> tuple[str, ...]:
    """Values of `include` or `embed`."""
    if key not in params or not valid:
        return ()
    values = texts(params[key]) or ("",)
    wrong = next((each for each in values if each not in valid), None)
    twice = next((each for each in values if values.count(each) > 1), None)
    if wrong is not None:
        names = ", ".join(f"'{each}'" for each in valid)
        problems.append(f"Invalid {participle} resource: '{wrong}'. Valid {participle} resources are: {names}")
    elif twice is not None:
        problems.append(f"Duplicate {participle} resource: '{twice}'")
    return values


def _check_known(params: Params, accepts: Accepts, problems: list[str]) -> None:
    allowed = (*PAGING, *accepts.keys)
    unknown = [key for key in params if key not in allowed]
    if unknown:
        problems.append(f"Unknown query parameter(s): {_quoted(unknown)}. Valid parameters are: {_quoted(allowed)}")


def _break_on_null_bytes(params: Params) -> None:
    if any(isinstance(value, str) and "\0" in value for value in params.values()):
        raise BreakdownError


def _shown(params: Params, order: tuple[str, bool] | None) -> Iterable[tuple[str, str | None]]:
    for key, value in params.items():
        if key in ("page", "per_page"):
            continue
        if key == "order_by":
            if order:
                yield key, f"{'-' if order[1] else '+'}{order[0]}"
        elif isinstance(value, dict):
            yield from _shown_operators(key, value)
        elif key == "label_selector":
            yield key, value if isinstance(value, str) else None
        else:
            yield key, _rejoined(value)


def _shown_operators(key: str, value: Mapping[str, Value]) -> Iterable[tuple[str, str | None]]:
    for operator, operand in value.items():
        if operator == "not":
            for each in texts(operand) or ():
                yield f"{key}[not][]", each
        else:
            yield f"{key}[{operator}]", operand if isinstance(operand, str) else None


def _rejoined(value: Value) -> str | None:
    values = texts(value)
    return None if values is None else ",".join(each.replace(",", "%2C") for each in values)


def _humanized(key: str) -> str:
    return key.replace("_", " ").capitalize()


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)
