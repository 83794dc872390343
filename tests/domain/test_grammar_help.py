"""Help is made from the table that parsing reads, so that it can neither lack a filter nor show a wrong example."""

import pytest

from deploybot.domain.grammar import help_lines, help_text, parse
from deploybot.domain.grammar_keys import ACTIONS, KEYS, PUBLIC, SUBSCRIBE_KEYS
from deploybot.domain.query import Verb
from deploybot.errors import UserError

TOPICS = [
    *(key.name for key in (*KEYS, *SUBSCRIBE_KEYS)),
    *(word for key in KEYS for word in key.aliases),
    *(action.verb for action in ACTIONS),
    PUBLIC,
]


def test_help_tells_every_verb_and_names_every_filter() -> None:
    text = help_text()
    assert len(help_lines()) == len(ACTIONS) + 1
    assert all(line.meaning in text and line.usage in text and line.example in text for line in help_lines())
    assert all(f" {key.name}" in help_lines()[-1].meaning for key in KEYS[1:])


def test_help_about_filters_tells_all_of_them_and_help_about_subscribing_its_settings() -> None:
    assert len(help_lines("filters")) == len(KEYS) + 1
    assert len(help_lines("subscribe")) == len(SUBSCRIBE_KEYS) + 1
    assert "go into quotes" in help_text("filters")
    assert "go into quotes" not in help_text("subscribe")


@pytest.mark.parametrize("topic", [None, "filters", *TOPICS])
def test_every_example_can_be_asked_as_it_is(topic: str | None) -> None:
    for line in help_lines(topic):
        parse(line.example)


@pytest.mark.parametrize("topic", TOPICS)
def test_every_word_of_the_grammar_is_a_topic(topic: str) -> None:
    command = parse(f"help {topic.upper()}")
    assert command.verb is Verb.HELP
    assert help_text(command.subject) == help_text(topic)
    told = {line for there in (None, "filters", "subscribe") for line in help_lines(there)}
    assert help_lines(topic)[0] in told


def test_help_about_a_filter_explains_each_of_its_words() -> None:
    text = help_text("state")
    for word in ("active", "done", "failed", "stalled", "paused", "succeeded", "SUPERSEDED", "FINALIZED"):
        assert word in text


@pytest.mark.parametrize(
    ("topic", "told"),
    [("sate", "did you mean help state?"), ("xyzzy", "write help alone"), ("x" * 999, "write help alone")],
)
def test_an_unknown_topic_is_told_in_a_sentence(topic: str, told: str) -> None:
    with pytest.raises(UserError, match="There is no help about") as problem:
        help_text(topic)
    assert told in str(problem.value)
    assert len(str(problem.value)) < 150


@pytest.mark.parametrize("topic", ["digest", "alerts"])
def test_help_about_what_is_told_is_help_about_subscribing(topic: str) -> None:
    assert help_lines(topic) == help_lines("subscribe")
