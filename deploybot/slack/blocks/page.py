"""One page of an answer as a message or in a modal: the question and the total, the rows, and buttons to go on.

The most rows that the grammar lets a page in Slack have fit a message's 50 blocks and its text budget.
"""

from collections.abc import Iterator

from deploybot.domain.button import button_text
from deploybot.domain.grammar import query_text
from deploybot.domain.page import Page, Row, Trouble
from deploybot.domain.paging import FIRST
from deploybot.domain.query import Interval, Query
from deploybot.domain.question import counted
from deploybot.domain.words import asked_of
from deploybot.slack.blocks.elements import Element, actions, button, context, credit, header, option, overflow, section
from deploybot.slack.blocks.links import Console
from deploybot.slack.blocks.row import row_lines, row_text
from deploybot.slack.limits import TOP_TEXT, Block, Message, View, fit_message, fit_view
from deploybot.slack.text import code, date, escape, plain, size, utc

_HEADER = 150
_REMARKS = 8


def page_message(page: Page, console: Console, *, shared: bool = False, shared_by: str = "") -> Message:
    """A page as a message. A shared one, which everybody in the channel sees, needs no button to share it."""
    return fit_message(
        lambda width: {
            "text": _text(page, width),
            "blocks": [*_blocks(page, console, width, shared=shared), *credit(shared_by)],
        }
    )


def page_view(page: Page, console: Console) -> View:
    """A page in a modal, for where the bot may not post."""
    return fit_view(
        lambda width: {
            "type": "modal",
            "title": {"type": "plain_text", "text": "Deployments"},
            "close": {"type": "plain_text", "text": "Close"},
            "blocks": _blocks(page, console, width, shared=True),
        }
    )


def _blocks(page: Page, console: Console, width: int, *, shared: bool) -> list[Block]:
    asked = counted(page.total, asked_of(page))
    return [
        header(plain(asked, _HEADER)),
        context(list(_standing(page, width, asked))),
        *(_row(row, page, console, width) for row in page.rows),
        *([] if page.rows else [section([_advice(page)])]),
        *_remarks(page, width),
        *actions(list(_turns(page))),
        *actions(list(_commands(page, shared=shared))),
    ]


def _standing(page: Page, width: int, asked: str) -> Iterator[str]:
    """Where this page stands: its number, its moment, the interval that relative times came to, and the question."""
    if len(asked) > _HEADER:
        yield escape(asked, 4 * width)
    yield " · ".join(filter(None, [_number(page), f"as of {date(page.as_of)}", *_intervals(page)]))
    if text := query_text(page.query):
        yield code(text, 4 * width)


def _number(page: Page) -> str:
    return f"page {page.number} of {page.pages}" if page.number and page.pages else ""


def _intervals(page: Page) -> Iterator[str]:
    for column, interval in (("created", page.created), ("updated", page.updated)):
        if words := _interval(interval):
            yield f"{column} {words}"


def _interval(interval: Interval) -> str:
    if interval.seconds:
        shown = ", ".join(date(second) for second in interval.seconds[:3])
        return f"at {shown}" + (f" and {len(interval.seconds) - 3} more" if len(interval.seconds) > 3 else "")
    since = f"from {date(interval.since)}" if interval.since else ""
    return " ".join(filter(None, [since, f"until {date(interval.until)}" if interval.until else ""]))


def _row(row: Row, page: Page, console: Console, width: int) -> Block:
    return section(row_lines(row, width, several_foundations=page.several_foundations), menu(row, console))


def menu(row: Row, console: Console) -> Element | None:
    """What can be done with one row. An option holds 150 characters, so it carries foundation and guid only."""
    here = f"{row.foundation}/{row.deployment.guid}"
    url = console.url(row)
    return overflow(
        "row",
        [
            option("Details", f"details:{here}"),
            *([option("Watch", f"watch:{here}")] if row.deployment.value == "ACTIVE" else []),
            *([option(plain(console.label, 75), f"open:{here}", url)] if url else []),
            option("Show guid", f"guid:{here}"),
        ],
    )


def _advice(page: Page) -> str:
    """What to try when nothing matches."""
    if page.troubles:
        return "Nothing found, but not everybody could be asked: try again with *Refresh*."
    if page.further:
        return "Nothing found so far: *Look further* goes on where this search stopped."
    if page.query.created or page.query.updated:
        return "Nothing matches in that time: look further back, for example with `created>30d`, or leave the time out."
    if page.query == Query(per_page=page.query.per_page, sort=page.query.sort, tz=page.query.tz):
        return "There is none that I may see: my Cloud Foundry user may lack a role in the spaces that you think of."
    return "Nothing matches: leave a filter out with *Filter…*, or see `/deployments help`."


def _remarks(page: Page, width: int) -> list[Block]:
    """What was skipped and why, and which foundations could not answer."""
    remarks = [
        *(_trouble(trouble, width) for trouble in page.troubles),
        *(escape(note, 2 * width) for note in page.notes),
    ]
    hidden = len(remarks) - _REMARKS
    shown = remarks if hidden <= 0 else [*remarks[:_REMARKS], f"… and {hidden} more remarks"]
    return [context(shown)] if shown else []


def _trouble(trouble: Trouble, width: int) -> str:
    return f"⚠️ *{escape(trouble.foundation, width)}* could not answer: {escape(trouble.reason, 2 * width)}"


def _turns(page: Page) -> Iterator[Element]:
    """The buttons that turn the page; none that leads nowhere."""
    afresh = FIRST if page.newer else None
    turns = (
        ("first", "⏮ First", "First page of deployments", page.first),
        ("previous", "◀ Previous", "Previous page of deployments", page.previous),
        ("next", "Next ▶", "Next page of deployments", page.next),
        ("last", "Last ⏭", "Last page of deployments", page.last),
        ("further", "Look further", "Go on searching where this search stopped", page.further),
        ("newer", f"{_newer(page)}: start afresh", f"{_newer(page)}, start afresh", afresh),
    )
    return (
        button(f"turn_{name}", label, button_text(to, page.query), spoken) for name, label, spoken, to in turns if to
    )


def _newer(page: Page) -> str:
    return f"{page.newer:,} newer" if page.newer_exact else f"at least {page.newer:,} newer"


def _commands(page: Page, *, shared: bool) -> Iterator[Element]:
    here = button_text(page.turn, page.query)
    yield button("refresh", "🔄 Refresh", here, "Ask again and update this page")
    yield button("filter", "Filter…", here, "Change the question in a form")
    if not shared:
        yield button("share", "Share", here, "Post this page to the channel")


def _text(page: Page, width: int) -> str:
    """The whole essential answer as text, for screen readers and notifications; reasons as far as there is room."""
    text = _told(page, width, with_why=True)
    return text if size(text) <= TOP_TEXT else _told(page, width, with_why=False)


def _told(page: Page, width: int, *, with_why: bool) -> str:
    head = f"{escape(counted(page.total, asked_of(page)), 4 * width)}, as of {utc(page.as_of)}"
    several = page.several_foundations
    rows = [row_text(row, width, several_foundations=several, with_why=with_why) for row in page.rows]
    remarks = [_trouble(trouble, width) for trouble in page.troubles[:_REMARKS]]
    notes = [escape(note, width) for note in page.notes[:_REMARKS]]
    return "\n".join(filter(None, [", ".join(filter(None, [head, _number(page)])), *rows, *remarks, *notes]))
