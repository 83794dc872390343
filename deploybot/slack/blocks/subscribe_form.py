"""The form of a subscription as values: filled in from what is asked, read from what Slack sends, and back again."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from deploybot.domain.grammar import parse, query_text
from deploybot.domain.grammar_keys import KEY_BY_WORD
from deploybot.domain.ledger import Kind
from deploybot.domain.query import Query, SubscribeAsk
from deploybot.domain.subscription import SubscriptionKind
from deploybot.errors import UserError
from deploybot.slack.blocks.filter_modal import FormError, asked

SCHEDULES = {
    "every=15m": "Every 15 minutes",
    "every=1h": "Every hour",
    "at=09:00": "Every day at 09:00",
    'at="mon-fri 09:00"': "Monday to Friday at 09:00",
    'at="mon-fri 09:00,16:00"': "Monday to Friday at 09:00 and 16:00",
    'at="mon 09:00"': "Every Monday at 09:00",
}
USUAL = 'at="mon-fri 09:00"'
OTHER = "other"
NAMED = ("app", "space", "org")
"""Filters with a field of their own; all others are typed into one."""
MOST_FIELD = 1500

_TEXTS = (*NAMED, "filters", "other", "tz", "quiet")
_NAMES = ("apps", "spaces", "orgs")

_MENTION = re.compile(r"here|me|group:S[A-Z0-9]{1,30}|user:[UW][A-Z0-9]{1,30}")
_SPAN = re.compile(r"[0-9]+ ?[mhdw]", re.IGNORECASE)
_KEYED = re.compile(r"(every|at|cron)\s*=", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Filled:
    """What stands in the form, field by field, as text; a choice as its value."""

    kind: SubscriptionKind = SubscriptionKind.ALERT
    app: str = ""
    space: str = ""
    org: str = ""
    filters: str = ""
    schedule: str = USUAL
    other: str = ""
    proof: bool = False
    on: tuple[str, ...] = ()
    tz: str = "UTC"
    quiet: str = ""
    mention: str = ""
    mention_label: str = ""


QUIET_DEFAULT = (Kind.FAILED.value, Kind.STALLED.value, Kind.PAUSED.value)


def fresh(tz: str) -> Filled:
    """An empty form: alerts, quiet ones, in the person's zone."""
    return Filled(on=QUIET_DEFAULT, tz=tz)


def filled_from(ask: SubscribeAsk, tz: str, mention_label: str = "") -> Filled:
    """The form that, once sent, asks for this; `tz` is the zone where the ask names none."""
    rest = replace(ask.query, apps=(), spaces=(), orgs=())
    known = ask.schedule in SCHEDULES or not ask.schedule
    return Filled(
        kind=SubscriptionKind.DIGEST if ask.schedule else SubscriptionKind.ALERT,
        app=_named(Query(apps=ask.query.apps)),
        space=_named(Query(spaces=ask.query.spaces)),
        org=_named(Query(orgs=ask.query.orgs)),
        filters=query_text(rest),
        schedule=(ask.schedule or USUAL) if known else OTHER,
        other="" if known else ask.schedule,
        proof=ask.proof,
        on=tuple(kind.value for kind in ask.on) or QUIET_DEFAULT,
        tz=ask.tz or tz,
        quiet=ask.quiet,
        mention=ask.mention,
        mention_label=mention_label or ask.mention,
    )


def _named(query: Query) -> str:
    """`checkout,pay*` of `app=checkout,pay*`."""
    return query_text(query).partition("=")[2]


def filled_from_view(view: object, before: Filled) -> Filled:
    """What a person has entered; a field that the form does not show keeps what it had."""
    values = _values(view)
    words: dict[str, Any] = {
        name: str(values[name] or "") for name in (*NAMED, "filters", "other", "tz", "quiet") if name in values
    }
    filled = replace(before, **words)
    if kind := values.get("kind"):
        filled = replace(filled, kind=SubscriptionKind.DIGEST if kind == "digest" else SubscriptionKind.ALERT)
    if "schedule" in values:
        filled = replace(filled, schedule=str(values["schedule"] or OTHER))
    if "on" in values:
        filled = replace(filled, on=tuple(values["on"]))
    if "proof" in values:
        filled = replace(filled, proof=bool(values["proof"]))
    if "mention" in values:
        value, label = values["mention"] or ("", "")
        filled = replace(filled, mention=value if is_mention(value) else "", mention_label=label)
    return filled


def _values(view: object) -> dict[str, Any]:
    """The form's values by block: texts, a choice's value, a list of them, and the mention with its label."""
    state = view.get("state") if isinstance(view, Mapping) else None
    blocks = state.get("values") if isinstance(state, Mapping) else None
    return dict(_read_blocks(blocks)) if isinstance(blocks, Mapping) else {}


def is_mention(value: str) -> bool:
    """Whether this is one of the values that the form's menu offers."""
    return _MENTION.fullmatch(value) is not None


def _read_blocks(blocks: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for block_id, block in blocks.items():
        for element in block.values() if isinstance(block, Mapping) else ():
            if isinstance(element, Mapping):
                yield block_id, _read_element(element)


def _read_element(element: Mapping[str, Any]) -> Any:
    match element.get("type"):
        case "checkboxes":
            return [str(one.get("value")) for one in element.get("selected_options") or () if isinstance(one, Mapping)]
        case "external_select":
            chosen = element.get("selected_option")
            return (str(chosen.get("value") or ""), _label(chosen)) if isinstance(chosen, Mapping) else None
        case "plain_text_input":
            return element.get("value")
        case _:
            chosen = element.get("selected_option")
            return chosen.get("value") if isinstance(chosen, Mapping) else None


def _label(chosen: Mapping[str, Any]) -> str:
    text = chosen.get("text")
    return str(text.get("text") or "") if isinstance(text, Mapping) else ""


def read_filled(filled: Filled) -> SubscribeAsk:
    """What the form asks for; FormError says for each field what to put right."""
    reading = _Reading()
    digest = filled.kind is SubscriptionKind.DIGEST
    query = Query()
    for name in NAMED:
        part = reading.of(name, partial(_names, name, getattr(filled, name).strip()))
        query = _joined(query, part.query) if part else query
    rest = reading.of("filters", lambda: _filters(filled.filters.strip()))
    query = _joined(query, rest.query) if rest else query
    ask = SubscribeAsk(
        query=query,
        schedule=(reading.of(*_schedule(filled)) or SubscribeAsk()).schedule if digest else "",
        on=() if digest else tuple(kind for kind in Kind if kind.value in filled.on),
        tz=(reading.of("tz", lambda: _setting(f"tz={filled.tz.strip()}")) or SubscribeAsk()).tz,
        quiet=(reading.of("quiet", lambda: _setting(_quiet(filled))) or SubscribeAsk()).quiet,
        mention=filled.mention if is_mention(filled.mention) else "",
        proof=filled.proof and digest,
    )
    if reading.problems:
        raise FormError(reading.problems)
    return ask


class _Reading:
    """Reads field by field, and keeps the sentence about each that does not work."""

    def __init__(self) -> None:
        self.problems: dict[str, str] = {}

    def of(self, field: str, read: Callable[[], SubscribeAsk]) -> SubscribeAsk | None:
        try:
            return read()
        except UserError as problem:
            self.problems[field] = str(problem)
            return None


def _names(name: str, typed: str) -> SubscribeAsk:
    return _filters(asked(KEY_BY_WORD[name], typed))


def _filters(text: str) -> SubscribeAsk:
    """A part of the question; what has a field of its own below is not taken here."""
    ask = _setting(text)
    if ask != SubscribeAsk(query=ask.query):
        raise UserError("Write filters here only, like state=failed label=env=prod: all else has a field of its own.")
    return ask


def _setting(text: str) -> SubscribeAsk:
    if not text:
        return SubscribeAsk()
    return parse(f"subscribe {text}").subscribe or SubscribeAsk()


def _joined(query: Query, rest: Query) -> Query:
    """Names typed among the other filters add to those in their own fields."""
    names: dict[str, Any] = {
        field: tuple(dict.fromkeys(getattr(query, field) + getattr(rest, field))) for field in _NAMES
    }
    return replace(rest, **names)


def _schedule(filled: Filled) -> tuple[str, Callable[[], SubscribeAsk]]:
    """The field that says when, and how it is read: the free text where there is one, else the choice."""
    typed = filled.other.strip()
    if not typed and filled.schedule in SCHEDULES:
        return "schedule", lambda: _setting(filled.schedule)
    return "other", lambda: _setting(_keyed(typed))


def _keyed(typed: str) -> str:
    """`mon-fri 09:00` as `at="mon-fri 09:00"`, `2h` as `every=2h`."""
    if not typed:
        raise UserError('Choose when above, or write it here: mon-fri 09:00, every=30m or cron="0 9 * * mon".')
    if _KEYED.match(typed):
        return typed
    return f"every={typed.replace(' ', '')}" if _SPAN.fullmatch(typed) else f'at="{typed}"'


def _quiet(filled: Filled) -> str:
    typed = "".join(filled.quiet.split())
    return f"quiet={typed}" if typed else ""
