"""A page in a terminal is read at a glance, and no name in it can do anything to the terminal."""

from dataclasses import replace
from io import StringIO

from rich.console import Console

from deploybot.cli.terminal import show_page
from deploybot.domain.page import Page
from deploybot.domain.paging import FIRST, Move, Turn
from deploybot.domain.query import Query
from tests.slack.factories import APP, page, row


def drawn(shown: Page, width: int = 80) -> str:
    console = Console(file=StringIO(), force_terminal=True, width=width, no_color=True, legacy_windows=False)
    show_page(console, shown)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def test_80_columns_are_enough_for_a_row_of_three_lines_and_its_error() -> None:
    text = drawn(page(row(1)))
    assert "canary, step 2/4, instances 3/6 · rev 12 · ada@example.com" in text
    assert "no progress for 20 minutes, and an error" in text
    assert "error: instance is crashing" in text


def test_the_next_page_can_be_asked_for_as_it_is_told() -> None:
    asked = Query(apps=("my app",), per_page=5)
    assert "deploybot ask 'app=\"my app\" per_page=5 page=2'" in drawn(page(query=asked, turn=FIRST))
    third = page(query=asked, turn=Turn(Move.AT, shown=10), number=None, pages=None)
    assert "page=4" in drawn(third)
    assert "deploybot ask page=2" in drawn(page(query=Query(), turn=FIRST))
    assert "next page" not in drawn(page(next=None))


def test_a_name_can_neither_move_the_cursor_nor_begin_a_line() -> None:
    text = drawn(page(row(1, app=replace(APP, name="evil\x1b[2J\nname"))), width=200)
    assert "evil [2J name" in text
