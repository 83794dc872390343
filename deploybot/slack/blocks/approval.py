"""What asks people to decide: a request for a second person's agreement, and the forgotten canary guard's words."""

from collections.abc import Iterator, Sequence

from deploybot.domain.acting import Action, stand_of_entry
from deploybot.domain.approval import Approval, ApprovalState
from deploybot.domain.entry_row import row_of
from deploybot.domain.outgoing import GuardBody
from deploybot.slack.blocks.act_buttons import act_buttons
from deploybot.slack.blocks.alert import details_button
from deploybot.slack.blocks.elements import (
    Element,
    actions,
    button,
    plain_text,
    repeated,
    repeated_text,
    section,
)
from deploybot.slack.blocks.look import Look
from deploybot.slack.blocks.pings import person, pings
from deploybot.slack.blocks.row import row_lines, row_text
from deploybot.slack.limits import BUTTON_VALUE, Message, fit_message
from deploybot.slack.text import date, escape, size, utc

_SIGNS = {
    ApprovalState.OPEN: "👥",
    ApprovalState.AGREED: "✅",
    ApprovalState.DECLINED: "🚫",
    ApprovalState.EXPIRED: "⌛",
    ApprovalState.VOID: "⏭️",
}


def approval_message(approval: Approval, look: Look, *, repeat: bool = False) -> Message:
    """The request as it stands now; with buttons only while somebody may still agree."""
    return fit_message(
        lambda width: {
            "text": repeated_text(" ".join(_lines(approval, look, width, dated=False)), repeat),
            "blocks": [
                section(list(_lines(approval, look, width, dated=True))),
                *actions(_buttons(approval)),
                *repeated(repeat),
            ],
        }
    )


def _lines(approval: Approval, look: Look, width: int, *, dated: bool) -> Iterator[str]:
    bold = "*" if dated else ""
    what = f"{bold}{approval.bound.action} {escape(approval.app or approval.bound.guid, width)}{bold}"
    yield f"{_SIGNS[approval.state]} {person(approval.asked_by)} asks to {what}{_place(approval, look, width)}."
    yield from (escape(one, 2 * width) for one in approval.consequences)
    if approval.state is ApprovalState.OPEN:
        yield f"A second person has to agree before {date(approval.expires_at) if dated else utc(approval.expires_at)}."
        yield _starter(approval, width)
    else:
        yield _became(approval, width, dated=dated)


def _place(approval: Approval, look: Look, width: int) -> str:
    """` in shop/prod on eu, at step 2 of 4`"""
    space = "/".join(filter(None, [approval.org, approval.space]))
    foundation = approval.bound.foundation if look.several_foundations else ""
    stand = approval.bound.stand
    known = approval.steps is not None and approval.steps > 1 and stand and stand.step is not None
    return "".join(
        [
            f" in {escape(space, width)}" if space else "",
            f" on {escape(foundation, width)}" if foundation else "",
            f", at step {stand.step} of {approval.steps}" if known and stand else "",
        ]
    )


def _starter(approval: Approval, width: int) -> str:
    asker = person(approval.asked_by)
    if not approval.starter:
        return f"I can't find out who started it, so only {asker} can't agree."
    name = escape(approval.starter, width)
    if not approval.starter_is_person:
        return f"It was started by {name}, which is no person, so only {asker} can't agree."
    return (
        f"It was started by {name}: neither they nor {asker} can agree, and whoever does must have connected their "
        "own account with /deployments link."
    )


def _became(approval: Approval, width: int, *, dated: bool) -> str:
    at = approval.decided_at
    when = "" if at is None else f" {date(at) if dated else utc(at)}"
    told = escape(approval.told, 2 * width)
    match approval.state:
        case ApprovalState.AGREED:
            return f"{person(approval.decided_by)} agreed{when}. {told or 'It is being done.'}"
        case ApprovalState.DECLINED if approval.decided_by == approval.asked_by:
            return f"{person(approval.decided_by)} took it back{when}. {told}"
        case ApprovalState.DECLINED:
            return f"{person(approval.decided_by)} declined{when}. {told}"
        case _:
            return told


def _buttons(approval: Approval) -> Sequence[Element]:
    if approval.state is not ApprovalState.OPEN or size(approval.id) > BUTTON_VALUE:
        return ()
    goes_on = approval.bound.action is Action.CONTINUE
    does = "let it go on" if goes_on else "cancel it"
    agree = button("approve_agree", "Agree", approval.id, f"Agree to {approval.bound.action} it")
    decline = button("approve_decline", "Decline", approval.id, f"Decline to {approval.bound.action} it")
    return (
        {**agree, "style": "primary", "confirm": _confirm("Agree?", f"If you agree I {does} at once.", "Agree")},
        {**decline, "confirm": _confirm("Decline?", "Then nothing is done, and nobody can agree.", "Decline")},
    )


def _confirm(title: str, text: str, yes: str) -> Element:
    return {
        "title": plain_text(title),
        "text": plain_text(text),
        "confirm": plain_text(yes),
        "deny": plain_text("Back"),
    }


def guard_message(body: GuardBody, look: Look, *, repeat: bool = False) -> Message:
    """A paused deployment that seems forgotten, with what can be done about it."""
    entry, row, several = body.entry, row_of(body.entry), look.several_foundations
    details = details_button(row)
    acts = [] if body.moved_on else act_buttons(entry.foundation, entry.guid, stand_of_entry(entry), watch=False)
    buttons = [*acts, *([details] if details else [])]

    def told(width: int) -> str:
        moved_on = "It has moved on since." if body.moved_on else ""
        return " ".join(filter(None, [escape(body.text, 3 * width), moved_on, pings(body.mentions)]))

    return fit_message(
        lambda width: {
            "text": repeated_text(
                f"{told(width)} {row_text(row, width, several_foundations=several, with_why=False)}", repeat
            ),
            "blocks": [
                section([told(width)]),
                section(row_lines(row, width, several_foundations=several)),
                *actions(buttons),
                *repeated(repeat),
            ],
        }
    )
