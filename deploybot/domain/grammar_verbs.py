"""What may stand after each verb but `list` and `subscribe`: a subject, some filters, or nothing."""

from collections.abc import Sequence

from deploybot.domain.audit import AuditKind
from deploybot.domain.grammar_lexer import Filter, Word, shortened
from deploybot.domain.near import nearest
from deploybot.domain.query import Op, Verb
from deploybot.errors import UserError

OF_ONE = frozenset({Verb.SHOW, Verb.WATCH, Verb.CONTINUE, Verb.CANCEL})
"""Verbs about one deployment: a guid, or an app for its latest."""

_PLACES = frozenset({"app", "space", "org", "foundation", "on"})
_FILTERS = {
    Verb.LINK: frozenset({"foundation", "on"}),
    Verb.UNLINK: frozenset({"foundation", "on"}),
    Verb.WHOAMI: frozenset[str](),
    Verb.ACCESS: _PLACES,
    Verb.AUDIT: _PLACES | {"guid", "by", "created", "since", "until", "per_page", "page", "tz"},
}
_WHY_NOT_PUBLIC = {
    Verb.WATCH: "a watch is for the whole channel anyway",
    Verb.CONTINUE: "everybody sees what comes of it in the messages that show the deployment",
    Verb.CANCEL: "everybody sees what comes of it in the messages that show the deployment",
}


def refuse_public(verb: Verb, *, public: bool) -> None:
    """A UserError where an answer is for the asker alone, or for all in any case."""
    if public and verb is not Verb.SHOW:
        raise UserError(f"Leave public out of {verb}: {_WHY_NOT_PUBLIC.get(verb, 'the answer is for you alone')}.")


def subject_of(verb: Verb, words: Sequence[Word], filters: Sequence[Filter]) -> tuple[str, Sequence[Filter]]:
    """The guid or app that the verb is about, and the other filters; `show app=checkout` is `show checkout`."""
    if len(words) > 1:
        joined = shortened(" ".join(word.text for word in words))
        raise UserError(f'{verb} takes one guid or app: put a name with blanks into quotes, like {verb} "{joined}".')
    if words:
        return words[0].text, filters
    named = [
        given for given in filters if given.key in {"app", "guid"} and given.op == Op.EQ and len(given.values) == 1
    ]
    if len(named) != 1:
        raise UserError(f"Say what to {verb}: {verb} <deployment guid>, or {verb} <app> for its latest deployment.")
    return named[0].values[0].text, [given for given in filters if given is not named[0]]


def words_after(verb: Verb, words: Sequence[Word], filters: Sequence[Filter]) -> tuple[str | None, Sequence[Filter]]:
    """The kind of event that `audit` is asked for, and the filters; `link eu` is `link foundation=eu`."""
    if verb in {Verb.LINK, Verb.UNLINK}:
        return None, _foundation_after(verb, words, filters)
    for given in filters:
        if given.key not in _FILTERS[verb]:
            raise UserError(_strange(verb, given.key))
    if verb is Verb.AUDIT and words:
        return _kind(words), filters
    if words:
        raise UserError(f"I don't know what to do with {shortened(words[0].text)} after {verb}: {_usage(verb)}.")
    return None, filters


def _foundation_after(verb: Verb, words: Sequence[Word], filters: Sequence[Filter]) -> Sequence[Filter]:
    """What else is typed is not repeated: people paste their one-time code there."""
    if (words and (len(words) > 1 or filters)) or any(given.key not in _FILTERS[verb] for given in filters):
        after = "; a code belongs in the form that opens then." if verb is Verb.LINK else "."
        raise UserError(f"Write {verb} alone, or {verb} and the name of a foundation{after}")
    return [Filter("foundation", "=", (words[0],))] if words else filters


def _kind(words: Sequence[Word]) -> str:
    kinds = [kind.value for kind in AuditKind]
    if len(words) == 1 and words[0].text.lower() in kinds:
        return words[0].text.lower()
    near = nearest(words[0].text, kinds, 1)
    meant = f"did you mean {near[0]}?" if near else f"use one of {', '.join(kinds)}."
    raise UserError(f"There is no kind of event {shortened(words[0].text)}: {meant}")


def _strange(verb: Verb, key: str) -> str:
    return f"{verb} takes no filter {shortened(key)}: {_usage(verb)}."


def _usage(verb: Verb) -> str:
    known = sorted(_FILTERS[verb] - {"on", "per_page", "page", "tz", "created"})
    return f"use {', '.join(known)}" if known else f"write {verb} alone"
