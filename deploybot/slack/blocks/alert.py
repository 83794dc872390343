"""A deployment that a channel is alerted of: its first message, which always shows the present state, and the changes
in its thread.
"""

from collections.abc import Iterator, Sequence

from deploybot.domain.acting import stand_of_entry
from deploybot.domain.button import button_text
from deploybot.domain.entry_row import row_of
from deploybot.domain.ledger import Entry, Transition
from deploybot.domain.outcome import Outcome
from deploybot.domain.page import Row
from deploybot.domain.paging import FIRST
from deploybot.domain.query import Query
from deploybot.slack.blocks.act_buttons import act_buttons
from deploybot.slack.blocks.change import change_lines, change_text
from deploybot.slack.blocks.elements import Element, actions, button, context, repeated, repeated_text, section
from deploybot.slack.blocks.look import Look
from deploybot.slack.blocks.page import menu
from deploybot.slack.blocks.pings import pings
from deploybot.slack.blocks.row import row_lines, row_text
from deploybot.slack.limits import BUTTON_VALUE, URL, Message, fit_message
from deploybot.slack.text import ago, code, date, escape, plain, size, utc

_STEPS_DRAWN = 12
_SINCE = {
    Outcome.PAUSED: "Began to wait",
    Outcome.CANCELING: "Cancel began",
    Outcome.STALLED: "Last progress",
    Outcome.FAILED: "Last progress",
}


def alert_message(entry: Entry, look: Look, *, repeat: bool = False) -> Message:
    """The first message of a deployment, drawn from what the ledger has; drawn again whenever that changes."""
    row, several = row_of(entry), look.several_foundations
    return fit_message(
        lambda width: {
            "text": repeated_text(_text(entry, row, width, several=several), repeat),
            "blocks": [
                section([*row_lines(row, width, several_foundations=several), steps_drawn(entry), _since(entry)]),
                *actions(list(_buttons(entry, row, look))),
                context([_footer(entry)]),
                *repeated(repeat),
            ],
        }
    )


def reply_message(
    change: Transition, entry: Entry, look: Look, *, mentions: Sequence[str] = (), repeat: bool = False
) -> Message:
    """A change of a deployment, in its thread; mentions ping, which an update of the first message never does."""
    several, pinged = look.several_foundations, pings(mentions)
    row = row_of(entry)

    def lines(width: int) -> list[str]:
        first, *more = change_lines(change, entry, width, several_foundations=several)
        return [" ".join(filter(None, [first, pinged])), *more]

    return fit_message(
        lambda width: {
            "text": repeated_text(
                " ".join(filter(None, [change_text(change, entry, width, several_foundations=several), pinged])), repeat
            ),
            "blocks": [section(lines(width), menu(row, look.console)), *repeated(repeat)],
        }
    )


def details_button(row: Row) -> Element | None:
    """Opens the deployment's details, as the entry of a row's menu does; None where no button holds its name."""
    here = f"details:{row.foundation}/{row.deployment.guid}"
    if size(here) > BUTTON_VALUE:
        return None
    return button("row_details", "Details", here, "Details of this deployment")


def steps_drawn(entry: Entry) -> str:
    """The steps of a canary with the present one marked: `1 > [2] > 3`; nothing where that is not known or is all."""
    if (
        not entry.steps
        or entry.steps < 2
        or entry.step is None
        or not 0 <= entry.step <= entry.steps
        or entry.steps > _STEPS_DRAWN
    ):
        return ""
    marks = (f"[{number}]" if number == entry.step else str(number) for number in range(1, entry.steps + 1))
    return f"Canary steps {code(' > '.join(marks))}"


def _since(entry: Entry) -> str:
    """Since when it is as it is, where that is what people ask; ends are in the footer."""
    words = _SINCE.get(entry.outcome)
    at = entry.status_changed_at
    if entry.outcome in {Outcome.STALLED, Outcome.FAILED}:
        at = max(filter(None, (at, entry.last_healthy_at)), default=None)
    return f"{words} {ago(at)}" if words and at and entry.is_active else ""


def _footer(entry: Entry) -> str:
    state = f"as of {date(entry.changed_at)}"
    if entry.ended_at:
        return f"ended {date(entry.ended_at)}"
    if entry.gone_at:
        return f"Cloud Foundry knows it no more since {date(entry.gone_at)} · {state}"
    return f"{state} · this message is kept up to date, changes are told in its thread"


def _buttons(entry: Entry, row: Row, look: Look) -> Iterator[Element]:
    if entry.is_active:
        yield from act_buttons(entry.foundation, entry.guid, stand_of_entry(entry), watch=True)
    if details := details_button(row):
        yield details
    if app := row.deployment.app_guid:
        asked = button_text(FIRST, Query(apps=(app,), foundations=(row.foundation,)))
        if size(asked) <= BUTTON_VALUE:
            yield button("turn_app", "All of this app", asked, "List all deployments of this app")
    url = look.console.url(row)
    if url and size(url) <= URL:
        yield {**button("open", plain(look.console.label, 75), "open", "Open it in the web console"), "url": url}


def _text(entry: Entry, row: Row, width: int, *, several: bool) -> str:
    told = row_text(row, width, several_foundations=several, with_why=True)
    ended = f"ended {utc(entry.ended_at)}" if entry.ended_at else ""
    return ", ".join(filter(None, [told, ended]))


def lost_message(foundation: str, guid: str, *, repeat: bool = False) -> Message:
    """A deployment that the ledger has forgotten before its message was sent."""
    told = f"A deployment on {escape(foundation, 200)} that is no longer remembered: {code(guid)}"
    return fit_message(lambda _: {"text": repeated_text(told, repeat), "blocks": [section([told]), *repeated(repeat)]})
