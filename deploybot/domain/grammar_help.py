"""Help, from the grammar's own table: what can be asked, or more about one word of it."""

from collections.abc import Iterator
from dataclasses import dataclass

from deploybot.domain.grammar_keys import (
    ACTION_BY_WORD,
    ACTIONS,
    ANY_KEY_BY_WORD,
    KEY_BY_WORD,
    KEYS,
    PUBLIC,
    PUBLIC_EXAMPLE,
    PUBLIC_MEANING,
    SUBSCRIBE_KEY_BY_WORD,
    SUBSCRIBE_KEYS,
    Action,
    Key,
    Kind,
)
from deploybot.domain.near import nearest
from deploybot.domain.query import Verb
from deploybot.errors import UserError


@dataclass(frozen=True, slots=True)
class HelpLine:
    """One thing that can be written: how, what it means, and an example that works as it is."""

    usage: str
    meaning: str
    example: str


_VALUES = {
    Kind.NAMES: "names",
    Kind.WORDS: "words",
    Kind.RAW: "words",
    Kind.LABEL: "selector",
    Kind.TIMES: "time",
    Kind.SORT: "order",
    Kind.ROWS: "number",
    Kind.PAGE: "number",
    Kind.ZONE: "zone",
    Kind.SCHEDULE: "time",
    Kind.EVENTS: "events",
    Kind.HOURS: "hours",
    Kind.MENTION: "who",
    Kind.YES: "yes",
}
_PUBLIC = HelpLine(PUBLIC, PUBLIC_MEANING, PUBLIC_EXAMPLE)
_MEANT = dict.fromkeys(("digest", "digests", "alert", "alerts", "schedule"), Verb.SUBSCRIBE.value)
"""Topics that people look for, and the verb that they are about."""
_FILTERS = "filters"
_OVERVIEW = "help and a word tells more: help filters all of them, help subscribe its settings, help state its values."
_RULES = (
    "Filters are joined by and; several values of one filter, with commas between, by or.",
    'Values with blanks or commas go into quotes: app="my app".',
)


def help_lines(topic: str | None = None) -> tuple[HelpLine, ...]:
    """What can be done, every filter for the topic `filters`, or what one verb or filter means.

    A UserError for a topic that there is not.
    """
    if topic is None:
        return (*map(_action_line, ACTIONS), _all_filters())
    word = topic.lower()
    if word in {_FILTERS, "filter"}:
        return (*map(_key_line, KEYS), _PUBLIC)
    if word == PUBLIC:
        return (_PUBLIC,)
    if action := ACTION_BY_WORD.get(_MEANT.get(word, word)):
        settings = SUBSCRIBE_KEYS if action.verb is Verb.SUBSCRIBE else ()
        return (_action_line(action), *map(_setting_line, settings))
    lines = (*_filter_lines(KEY_BY_WORD.get(word)), *_setting_lines(SUBSCRIBE_KEY_BY_WORD.get(word)))
    if lines:
        return lines
    near = nearest(word, (*ANY_KEY_BY_WORD, *ACTION_BY_WORD, PUBLIC, _FILTERS), 1)
    meant = f"did you mean help {near[0]}?" if near else "write help alone for all that there is."
    raise UserError(f"There is no help about {topic if len(topic) <= 40 else topic[:39] + '…'}: {meant}")


def help_text(topic: str | None = None) -> str:
    """`help_lines` as plain text, a line each, and then `help_remarks`."""
    lines = [f"{line.usage}: {line.meaning} Example: {line.example}" for line in help_lines(topic)]
    return "\n".join([*lines, *help_remarks(topic)])


def help_remarks(topic: str | None = None) -> tuple[str, ...]:
    """What holds for all lines of a help together."""
    if topic is None:
        return (*_RULES, _OVERVIEW)
    return _RULES if topic.lower() in {_FILTERS, "filter"} else ()


def _all_filters() -> HelpLine:
    """The names of all filters, in a line."""
    names = " ".join(key.name for key in KEYS)
    return HelpLine(_FILTERS, f"{names}, and {PUBLIC} for an answer to all.", f"help {_FILTERS}")


def _action_line(action: Action) -> HelpLine:
    return HelpLine(action.usage, action.meaning, action.example)


def _key_line(key: Key) -> HelpLine:
    also = f" (or {', '.join(key.aliases)})" if key.aliases else ""
    return HelpLine(f"{key.name}{_op(key)}<{_VALUES[key.kind]}>{also}", key.meaning, key.example)


def _op(key: Key) -> str:
    return "=" if len(key.ops) == 1 else " = < <= > >= "


def _setting_line(key: Key) -> HelpLine:
    return HelpLine(
        f"{Verb.SUBSCRIBE} {key.name}=<{_VALUES[key.kind]}>", key.meaning, f"{Verb.SUBSCRIBE} {key.example}"
    )


def _setting_lines(key: Key | None) -> Iterator[HelpLine]:
    """The setting of `subscribe`, and the words it takes."""
    if not key:
        return
    yield _setting_line(key)
    for choice in key.choices:
        written = f"{Verb.SUBSCRIBE} {key.name}={choice.word}"
        yield HelpLine(written, f"{choice.meaning[0].upper()}{choice.meaning[1:]}.", written)


def _filter_lines(key: Key | None) -> Iterator[HelpLine]:
    """The filter, and with it whatever is worth an example of its own."""
    if not key:
        return
    line = _key_line(key)
    yield line
    for choice in key.choices:
        also = f" ({', '.join(choice.also)} means the same)" if choice.also else ""
        yield HelpLine(
            f"{key.name}={choice.word}",
            f"{choice.meaning[0].upper()}{choice.meaning[1:]}{also}.",
            f"{key.name}={choice.word}",
        )
    if key.kind is Kind.TIMES and not key.means:
        name = key.name
        yield HelpLine(f"{name}>2h", "Newer than two hours ago; < is older.", f"{name}>2h")
        yield HelpLine(f"{name}=<date>", "That whole day.", f"{name}=yesterday")
        yield HelpLine(
            f"{name}>=<date> {name}<<date>", "From one day up to another.", f"{name}>=2026-11-01 {name}<2026-12-01"
        )
        yield HelpLine(
            f"{name}=<timestamps>", "Exactly those seconds.", f"{name}=2026-11-23T10:00:00Z,2026-11-23T11:30:00Z"
        )
