"""The grammar: text to a Command and back, the same for slash commands, mentions, buttons and the terminal.

`[verb] [filters...] [public]`, a filter being `key op value`. Its words are the table in `grammar_keys`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from deploybot.domain.grammar_help import HelpLine, help_lines, help_remarks, help_text
from deploybot.domain.grammar_keys import (
    ACTION_BY_WORD,
    ADDING,
    KEY_BY_WORD,
    KEYS,
    PUBLIC,
    SUBSCRIBE_KEYS,
    WORDS_OF_SUBSCRIBE,
    Action,
    Key,
    Kind,
)
from deploybot.domain.grammar_lexer import Filter, Word, quoted, split
from deploybot.domain.grammar_mention import with_ids
from deploybot.domain.grammar_unknown import unknown_key, unknown_word
from deploybot.domain.grammar_values import read, write
from deploybot.domain.grammar_verbs import OF_ONE, refuse_public, subject_of, words_after
from deploybot.domain.label_selector import canonical_selector
from deploybot.domain.ledger import Kind as Event
from deploybot.domain.query import Command, Query, SubscribeAsk, Verb
from deploybot.domain.typed import as_typed
from deploybot.errors import UserError

__all__ = [
    "MOST_CANONICAL",
    "MOST_TYPED",
    "HelpLine",
    "help_lines",
    "help_remarks",
    "help_text",
    "parse",
    "query_text",
    "quoted",
    "subscribe_text",
    "to_text",
]

MOST_TYPED = 2000
"""Characters that somebody may type."""
MOST_RAW = 40_000
"""Characters that are looked at at all: so many Slack lets a message have, with all that it adds to what was typed."""
MOST_CANONICAL = 1500
"""Characters of a question's canonical text, counted as `weight` does: a button holds 2,000 with version and turn."""
ROWS_IN_SLACK = 25
PROOF = "proof"
"""A setting of `subscribe` that is also said as a word."""


def parse(text: str, *, most_rows: int = ROWS_IN_SLACK, most_canonical: int = MOST_CANONICAL) -> Command:
    """What somebody typed, Slack's distortions included; a UserError with one sentence for anything else.

    `most_rows` is the largest `per_page` of the surface that asks, `most_canonical` the longest canonical text as
    `weight` counts it.
    """
    _check_length(text, MOST_RAW)
    plain = as_typed(with_ids(text))
    _check_length(plain, MOST_TYPED)
    command = _command(split(plain), most_rows)
    if (size := weight(to_text(command))) > most_canonical:
        raise UserError(
            f"That question is {size:,} characters long: shorten it to {most_canonical:,}, for example with * in names."
        )
    return command


def _check_length(text: str, most: int) -> None:
    if len(text) > most:
        raise UserError(f"That is {len(text):,} characters long: ask with at most {MOST_TYPED:,}.")


def to_text(asked: Command | Query) -> str:
    """The canonical text, with only what differs from the defaults: `parse` makes the same value of it again."""
    if isinstance(asked, Query):
        return query_text(asked)
    public = PUBLIC if asked.public else ""
    verb = "" if asked.verb is Verb.LIST else asked.verb.value
    wish = subscribe_text(asked.subscribe) if asked.subscribe else query_text(asked.query)
    return " ".join(filter(None, (public, verb, _subject_text(asked.subject or ""), wish)))


def query_text(query: Query) -> str:
    """The filters of a question as canonical text."""
    return " ".join(_written(KEYS, query, Query()))


def subscribe_text(ask: SubscribeAsk) -> str:
    """What stands after `subscribe`, as canonical text."""
    settings = (*SUBSCRIBE_KEYS, KEY_BY_WORD["tz"])
    return " ".join((*_written(KEYS, ask.query, Query()), *_written(settings, ask, SubscribeAsk())))


def _subject_text(subject: str) -> str:
    return f'"{subject}"' if subject.lower() == PUBLIC else quoted(subject) if subject else ""


def weight(text: str) -> int:
    """The length of a text as Slack may count it, the strictest way: escaped, and in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2 + 4 * text.count("&") + 3 * sum(map(text.count, "<>"))


def _written(keys: Sequence[Key], value: Query | SubscribeAsk, plain: Query | SubscribeAsk) -> Iterator[str]:
    """What differs from the defaults; where several keys stand for one field the first one writes it."""
    for at, key in enumerate(keys):
        given = getattr(value, key.field)
        if given != getattr(plain, key.field) and all(key.field != before.field for before in keys[:at]):
            yield from write(key, given)


def _command(items: Sequence[Word | Filter], most_rows: int) -> Command:
    words = [item for item in items if isinstance(item, Word)]
    filters = [item for item in items if isinstance(item, Filter)]
    at = next((at for at, word in enumerate(words) if not _is_public(word)), len(words))
    action = _action(words[at]) if at < len(words) else None
    if action and action.verb is Verb.HELP:
        return _help(at > 0, words[at + 1 :], filters)
    public = any(map(_is_public, words))
    rest = [word for word in words[at + (action is not None) :] if not _is_public(word)]
    if action and action.verb in OF_ONE:
        refuse_public(action.verb, public=public)
        subject, others = subject_of(action.verb, rest, filters)
        return Command(action.verb, subject, _query(others, most_rows), public)
    if action and action.verb is Verb.SUBSCRIBE:
        return _subscribe(rest, filters, items, public)
    if action and action.verb is Verb.SUBSCRIPTIONS:
        return _subscriptions(rest, filters, public)
    if action and action.verb is not Verb.LIST:
        refuse_public(action.verb, public=public)
        words_, others = words_after(action.verb, rest, filters)
        return Command(action.verb, words_, _query(others, most_rows))
    if rest:
        raise UserError(unknown_word(rest[0], _filter_before(rest[0], items), Verb.LIST))
    return Command(Verb.LIST, None, _query(filters, most_rows), public)


def _subscribe(
    words: Sequence[Word], filters: Sequence[Filter], items: Sequence[Word | Filter], public: bool
) -> Command:
    if public:
        raise UserError("Leave public out of subscribe: what a subscription posts is for the whole channel anyway.")
    strange = [word for word in words if word.quoted or word.text.lower() != PROOF]
    if strange:
        raise UserError(unknown_word(strange[0], _filter_before(strange[0], items), Verb.SUBSCRIBE))
    values = _values(filters, WORDS_OF_SUBSCRIBE, Verb.SUBSCRIBE, ROWS_IN_SLACK)
    settings = {field: values.pop(field) for field in _SETTINGS if field in values}
    if words:
        settings[PROOF] = True
    settings["on"] = tuple(event for event in Event if event in settings.get("on", ()))
    if settings["on"] and "schedule" in settings:
        raise UserError("Choose one: every=, at= or cron= for a digest, or on= for alerts; subscribe twice for both.")
    return Command(Verb.SUBSCRIBE, subscribe=SubscribeAsk(replace(Query(), **values), **settings))


_SETTINGS = tuple(field.name for field in fields(SubscribeAsk) if field.name != "query")


def _subscriptions(words: Sequence[Word], filters: Sequence[Filter], public: bool) -> Command:
    if words or filters:
        raise UserError("Write subscriptions alone: it lists all of this channel. To make one write subscribe.")
    return Command(Verb.SUBSCRIPTIONS, public=public)


def _filter_before(word: Word, items: Sequence[Word | Filter]) -> Filter | None:
    at = next(at for at, item in enumerate(items) if item is word)
    before = items[at - 1] if at else None
    return before if isinstance(before, Filter) else None


def _is_public(word: Word) -> bool:
    return not word.quoted and word.text.lower() == PUBLIC


def _action(word: Word) -> Action | None:
    return None if word.quoted else ACTION_BY_WORD.get(word.text.lower())


def _help(public: bool, words: Sequence[Word], filters: Sequence[Filter]) -> Command:
    """`help public` is help about that word; `public help` is for everybody."""
    topics = [word.text for word in words[:1]] or [given.key for given in filters[:1]]
    return Command(Verb.HELP, topics[0] if topics else None, public=public or any(map(_is_public, words[1:])))


def _query(filters: Sequence[Filter], most_rows: int) -> Query:
    return replace(Query(), **_values(filters, KEY_BY_WORD, Verb.LIST, most_rows))


def _values(filters: Sequence[Filter], known: Mapping[str, Key], verb: Verb, most_rows: int) -> dict[str, Any]:
    """What the filters say, by field of Query or SubscribeAsk."""
    values: dict[str, Any] = {}
    for given in filters:
        key = _key(given, known, verb)
        value = read(key, given, most_rows)
        if key.field in values:
            value = _added(key, values[key.field], value)
        values[key.field] = tuple(dict.fromkeys(value)) if isinstance(value, tuple) else value
    return values


def _key(given: Filter, known: Mapping[str, Key], verb: Verb) -> Key:
    key = known.get(given.key)
    if not key:
        raise UserError(unknown_key(given.key, verb))
    if given.op == ":":
        raise UserError(f"Write {key.name}= instead of {given.key}: with a colon, for example {key.example}.")
    return key


def _added(key: Key, before: Any, value: Any) -> Any:
    if key.kind is Kind.SCHEDULE:
        raise UserError("Give one schedule: keep one of every=, at= and cron=.")
    if key.kind not in ADDING:
        raise UserError(f"{key.name} is there twice: keep one of them.")
    return canonical_selector(f"{before},{value}") if key.kind is Kind.LABEL else before + value
