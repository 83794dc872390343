"""What the grammar says of words that it does not know: one sentence with what was probably meant."""

from deploybot.domain.grammar_keys import ACTION_BY_WORD, KEY_BY_WORD, KEYS, PUBLIC
from deploybot.domain.grammar_lexer import Filter, Word, quoted, shortened
from deploybot.domain.near import nearest


def unknown_key(word: str) -> str:
    """`sate=failed`: did you mean state?"""
    near = nearest(word, KEY_BY_WORD, 1)
    if near:
        return f"I know no filter {shortened(word)}: did you mean {near[0]}?"
    return f"I know no filter {shortened(word)}: use {', '.join(key.name for key in KEYS)}."


def unknown_word(word: Word, before: Filter | None) -> str:
    """A word that is no verb. Right after a filter it is probably the rest of a value with a blank in it."""
    text = shortened(word.text)
    folded = word.text.lower()
    if not word.quoted and folded.startswith("@"):
        return f"{text} is a Slack name, which Cloud Foundry does not know: write by=ann@example.com, or by=me."
    if folded in KEY_BY_WORD:
        return f"{text} needs a value: for example {KEY_BY_WORD[folded].example}."
    if meant := _meant(folded, after_filter=before is not None):
        return f"I don't know what to do with {text}: did you mean {meant}?"
    if before:
        example = _with_blank(before, word)
        return f"I don't know what to do with {text}: put a value with blanks into quotes, like {example}."
    name = shortened(quoted(word.text))
    return f"I don't know what to do with {text}: write app={name} for its deployments, or show {name} for its latest."


def _with_blank(before: Filter, word: Word) -> str:
    if before.key == "label":
        return KEY_BY_WORD["label"].example
    value = shortened(f"{before.values[-1].text} {word.text}")
    return f'{before.key}{before.op}"{value}"'


def _meant(word: str, *, after_filter: bool) -> str:
    for key in ("state", "strategy"):
        if form := KEY_BY_WORD[key].forms().get(word):
            return f"{key}={form}"
    near = nearest(word, (PUBLIC,) if after_filter else (*ACTION_BY_WORD, PUBLIC), 1)
    return near[0] if near else ""
