"""Every regular expression of the bot stays linear: four times as much of anything costs less than ten times."""

import importlib
import pkgutil
import re
import time
from collections.abc import Iterator
from itertools import product

import pytest

import deploybot
from deploybot.slack.answering import question

SIZE = 1_000
NOTHING = 0.01
"""Seconds of the processor: what takes less at four times the size is no matter."""
SEARCHED = {
    "deploybot.domain.typed._LINK[0]",
    "deploybot.domain.grammar_mention._LINK[0]",
    "deploybot.slack.text._EMOJI[0]",
    "deploybot.slack.text._PING[0]",
    "deploybot.slack.socket_mode._TICKET[0]",
}
"""Those that look for their beginning anywhere in a stranger's text; all others are held to one place."""
PIECES = (
    *(" ", "a", "0", "A", "(", ")", ",", "=", "!", ":", "<", ">", "@", "|", "-", ".", "/", "\\", '"', "'", "\n", "%"),
    *("a ", "a=", "a,", "a:", ":a", "(a", "a(", "a in (", "=\n", "! ", "<@", "<@U0BOT|", "<http://", "<!subteam^S"),
    *(
        "mention=",
        "mention ",
        "at=",
        '\\"',
        "\\a",
        "x://",
        "0-",
        "a-",
        ", ",
        " ,",
        "ticket=",
        "/#",
        "1.",
        "<a|",
        "[",
        "@a",
    ),
)
BEGINNINGS = ("", '"', "a in (", "every=", "https://")
ENDS = ("", "!\n")


def patterns() -> Iterator[tuple[str, re.Pattern[str]]]:
    """What every module of the bot holds; its demo is no part of it."""
    for found in pkgutil.walk_packages(deploybot.__path__, "deploybot."):
        if found.name.startswith(("deploybot.demo", "deploybot.store.migrations", "deploybot.__main__")):
            continue
        for name, value in vars(importlib.import_module(found.name)).items():
            held = value.values() if isinstance(value, dict) else [value]
            for number, one in enumerate(held):
                if isinstance(one, re.Pattern) and isinstance(one.pattern, str):
                    yield f"{found.name}.{name}[{number}]", one


ALL = dict(patterns())


def seconds(pattern: re.Pattern[str], text: str, *, searched: bool) -> float:
    """Of the processor."""
    begun = time.thread_time()
    pattern.fullmatch(text)
    pattern.match(text)
    if searched:
        pattern.sub("", text)
    return time.thread_time() - begun


def is_linear(pattern: re.Pattern[str], beginning: str, piece: str, end: str, *, searched: bool) -> bool:
    """Whether four times the size costs less than ten times as much, in the better of three rounds."""
    small, large = (beginning + piece * (size // len(piece)) + end for size in (SIZE, 4 * SIZE))
    for _ in range(3):
        took = seconds(pattern, large, searched=searched)
        if took < NOTHING or took < 10 * seconds(pattern, small, searched=searched):
            return True
    return False


def test_there_are_regexes_to_look_at() -> None:
    assert len(ALL) > 60


@pytest.mark.parametrize("name", sorted(ALL))
def test_a_regex_stays_linear(name: str) -> None:
    tried = product(BEGINNINGS, PIECES, ENDS)
    slow = (one for one in tried if not is_linear(ALL[name], *one, searched=name in SEARCHED))
    assert next(slow, None) is None


def test_the_judge_sees_what_is_not_linear() -> None:
    assert not is_linear(re.compile(r"\s*\s*x"), "", " ", "!", searched=False)
    assert not is_linear(re.compile(r"(?:a|b)*(?:a|c)*x"), "", "a", "!", searched=False)


def test_a_mention_is_found_in_linear_time_among_others_that_are_not_closed() -> None:
    assert question("<@U1|" * 8_000 + "x <@U1|bot> app=checkout", "U1") == " app=checkout"
