"""What the grammar says of words that it does not know: one sentence with what was probably meant."""

from deploybot.domain.grammar_keys import (
    ACTION_BY_WORD,
    ANY_KEY_BY_WORD,
    FILTERS_OF_SUBSCRIBE,
    KEY_BY_WORD,
    KEYS,
    PUBLIC,
    SUBSCRIBE_KEY_BY_WORD,
    SUBSCRIBE_KEYS,
    WORDS_OF_SUBSCRIBE,
    Kind,
)
from deploybot.domain.grammar_lexer import Filter, Word, quoted, shortened
from deploybot.domain.near import nearest
from deploybot.domain.query import Verb


def unknown_key(word: str, verb: Verb) -> str:
    """`sate=failed`: did you mean state? A filter of another verb is told where it belongs."""
    if verb is Verb.SUBSCRIBE and word in KEY_BY_WORD:
        is_time = KEY_BY_WORD[word].kind is Kind.TIMES
        why = "a subscription tells what is new by itself" if is_time else "it is for lists only"
        return f"Leave {word} out of subscribe: {why}."
    if verb is not Verb.SUBSCRIBE and word in SUBSCRIBE_KEY_BY_WORD:
        return f"{word} belongs to subscribe: for example subscribe {SUBSCRIBE_KEY_BY_WORD[word].example}."
    known = WORDS_OF_SUBSCRIBE if verb is Verb.SUBSCRIBE else KEY_BY_WORD
    near = nearest(word, known, 1) or nearest(word, ANY_KEY_BY_WORD, 1)
    if near:
        return f"I know no filter {shortened(word)}: did you mean {near[0]}?"
    keys = (*FILTERS_OF_SUBSCRIBE, *SUBSCRIBE_KEYS) if verb is Verb.SUBSCRIBE else KEYS
    return f"I know no filter {shortened(word)}: use {', '.join(key.name for key in keys)}."


def unknown_word(word: Word, before: Filter | None, verb: Verb) -> str:
    """A word that is no verb. Right after a filter it is probably the rest of a value with a blank in it."""
    text = shortened(word.text)
    folded = word.text.lower()
    if not word.quoted and folded.startswith("@"):
        return _slack_name(text, verb)
    known = ANY_KEY_BY_WORD | (WORDS_OF_SUBSCRIBE if verb is Verb.SUBSCRIBE else KEY_BY_WORD)
    if folded in known:
        return f"{text} needs a value: for example {known[folded].example}."
    if meant := _meant(folded, verb, after_filter=before is not None):
        return f"I don't know what to do with {text}: did you mean {meant}?"
    if before:
        example = _with_blank(before, word)
        return f"I don't know what to do with {text}: put a value with blanks into quotes, like {example}."
    name = shortened(quoted(word.text))
    if verb is Verb.SUBSCRIBE:
        return f"I don't know what to do with {text}: write subscribe app={name} for that app."
    return f"I don't know what to do with {text}: write app={name} for its deployments, or show {name} for its latest."


def _slack_name(text: str, verb: Verb) -> str:
    if verb is Verb.SUBSCRIBE:
        return f"{text} is a Slack name: write mention={text} to have failures ping it."
    return f"{text} is a Slack name, which Cloud Foundry does not know: write by=ann@example.com, or by=me."


def _with_blank(before: Filter, word: Word) -> str:
    if before.key in {"label", "cron"}:
        return ANY_KEY_BY_WORD[before.key].example
    value = shortened(f"{before.values[-1].text} {word.text}")
    return f'{before.key}{before.op}"{value}"'


def _meant(word: str, verb: Verb, *, after_filter: bool) -> str:
    for key in (("on",) if verb is Verb.SUBSCRIBE else ()) + ("state", "strategy"):
        if form := ANY_KEY_BY_WORD[key].forms().get(word):
            return f"{key}={form}"
    near = nearest(word, _words(verb, after_filter), 1)
    return near[0] if near else ""


def _words(verb: Verb, after_filter: bool) -> tuple[str, ...]:
    """What may stand alone where a word was not understood."""
    if verb is Verb.SUBSCRIBE:
        return ("proof",)
    return (PUBLIC,) if after_filter else (*ACTION_BY_WORD, PUBLIC)
