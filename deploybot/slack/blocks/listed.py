"""All that a message stands for, a page at a time: the button that asks for it, and what it is answered with."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from deploybot.domain.entry_row import row_of
from deploybot.domain.ledger import Entry
from deploybot.errors import UserError
from deploybot.slack.blocks.elements import Element, actions, button, context, header, plain_text, section
from deploybot.slack.blocks.look import Look
from deploybot.slack.blocks.page import menu
from deploybot.slack.blocks.row import row_lines, row_text
from deploybot.slack.limits import Block, Message, View, fit_message, fit_view

ROWS = 15
"""How many deployments are on one page of the list."""
_VALUE = re.compile(r"([0-9]{1,18}):([0-9]{1,9})")
_OLD = "This button is not one of mine any more."


@dataclass(frozen=True, slots=True)
class ListedPage:
    """Some of the deployments that a message stands for: `skip` come before these, `total` are all."""

    message: int
    skip: int
    total: int
    entries: tuple[Entry, ...]


def list_button(message: int, total: int) -> Element:
    """`List all 214`"""
    return button("list", f"List all {total:,}", list_value(message, 0), f"List all {total:,} deployments")


def list_value(message: int, skip: int) -> str:
    """The message's number in the outbox and how many deployments come before the page."""
    return f"{message}:{skip}"


def parse_list_value(text: str) -> tuple[int, int]:
    """What `list_value` wrote; a UserError for anything else."""
    found = _VALUE.fullmatch(text)
    if not found:
        raise UserError(_OLD)
    return int(found[1]), int(found[2])


def listed_message(page: ListedPage, look: Look) -> Message:
    """A page of the list as a message."""
    return fit_message(lambda width: {"text": _text(page, look, width), "blocks": list(_blocks(page, look, width))})


def listed_view(page: ListedPage, look: Look) -> View:
    """The same in a modal."""
    return fit_view(
        lambda width: {
            "type": "modal",
            "title": plain_text("Deployments"),
            "close": plain_text("Close"),
            "blocks": list(_blocks(page, look, width)),
        }
    )


def _blocks(page: ListedPage, look: Look, width: int) -> Iterator[Block]:
    yield header(_head(page))
    for entry in page.entries:
        row = row_of(entry)
        lines = row_lines(row, width, several_foundations=look.several_foundations)
        yield section(lines, menu(row, look.console))
    if not page.entries:
        yield section(["None of them is remembered any more."])
    yield context(["as they are now, as far as I know"])
    yield from actions(list(_turns(page)))


def _head(page: ListedPage) -> str:
    if len(page.entries) in {0, page.total}:
        return f"{page.total:,} deployment{'' if page.total == 1 else 's'} of that message"
    last = page.skip + len(page.entries)
    return f"Deployments {page.skip + 1:,} to {last:,} of the {page.total:,} of that message"


def _turns(page: ListedPage) -> Iterator[Element]:
    before, after = max(0, page.skip - ROWS), page.skip + ROWS
    if page.skip:
        yield button("list_previous", "◀ Previous", list_value(page.message, before), "Previous page of this list")
    if after < page.total:
        yield button("list_next", "Next ▶", list_value(page.message, after), "Next page of this list")


def _text(page: ListedPage, look: Look, width: int) -> str:
    return "\n".join([_head(page), *_rows(page.entries, look, width)])


def _rows(entries: Sequence[Entry], look: Look, width: int) -> Iterator[str]:
    several = look.several_foundations
    return (row_text(row_of(entry), width, several_foundations=several, with_why=False) for entry in entries)
