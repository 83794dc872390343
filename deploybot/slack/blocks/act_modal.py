"""The form that asks once more before a deployment is continued or canceled, and what becomes of it.

It keeps in its private metadata what it is about, and the click that it came from.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from deploybot.domain.acting import Action, ActionState, Bound, bound_text, parse_bound, stand_of
from deploybot.domain.page import Row
from deploybot.domain.words import app_name, step
from deploybot.errors import UserError
from deploybot.service.acting import Proposal, Result
from deploybot.slack.blocks.act_buttons import act_buttons
from deploybot.slack.blocks.elements import actions, button, context, plain_text, section
from deploybot.slack.blocks.linking import LINK_START
from deploybot.slack.blocks.row import guid_code, row_lines, row_text
from deploybot.slack.limits import BUTTON_VALUE, PRIVATE_METADATA, Block, Message, View, fit_message, fit_view
from deploybot.slack.payload import Place, channel_of, channel_text
from deploybot.slack.text import ELLIPSIS, escape, size

ACT_FORM = "act"
FRESH = "act_fresh"
"""The id of the block of buttons that the form itself offers: they lead on within it."""
TITLES = {Action.CONTINUE: "Continue a deployment", Action.CANCEL: "Cancel a deployment"}
_SUBMITS = {Action.CONTINUE: "Continue", Action.CANCEL: "Cancel it"}
_ASK = "Ask for agreement"
_LEAVE = "Leave it"
_SIGNS = {
    ActionState.DONE: "✅",
    ActionState.CLAIMED: "⏳",
    ActionState.UNCLEAR: "❔",
    ActionState.REFUSED: "🚫",
    None: "🙋",
}
_KEPT_UP = "Alerts and watches of this deployment are brought up to date by themselves."
_VERSION = "1"


@dataclass(frozen=True, slots=True)
class Origin:
    """The click or command that an action began with: its place, when it was (seconds since 1970), and `shows`:
    whether what was clicked shows the deployment's details, so that it can be drawn anew.
    """

    place: Place
    at: int
    shows: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """What a form keeps. `turn` counts what was proposed in the same modal: each is its own confirmation."""

    bound: Bound
    origin: Origin
    turn: int = 0

    def confirmation(self, view: str) -> str:
        """The one confirmation that this form stands for, however often it is sent."""
        return f"{view}:{self.turn}"


class _Kept(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    version: str
    bound: str
    turn: int
    at: int
    shows: bool
    shared: bool
    thread: str
    view: str
    response_url: str


def held_text(held: Held) -> str:
    """For the private metadata; without the response address where that would be too long."""
    place, origin = held.origin.place, held.origin
    kept = _Kept(
        version=_VERSION,
        bound=bound_text(held.bound),
        turn=held.turn,
        at=origin.at,
        shows=origin.shows,
        shared=place.shared,
        thread=place.thread,
        view=place.view,
        response_url=place.response_url,
    )
    text = _lines(place.channel, kept)
    return (
        text
        if size(text) <= PRIVATE_METADATA
        else _lines(place.channel, msgspec.structs.replace(kept, response_url=""))
    )


def _lines(channel: str, kept: _Kept) -> str:
    return f"{channel_text(channel)}\n{msgspec.json.encode(kept).decode()}"


def parse_held(text: str) -> Held | None:
    """What `held_text` wrote; None for anything else."""
    try:
        kept = msgspec.json.decode(text.partition("\n")[2], type=_Kept)
        bound = parse_bound(kept.bound)
    except (msgspec.DecodeError, UnicodeError, UserError):
        return None
    if kept.version != _VERSION or bound.stand is None or kept.turn < 0 or kept.at < 0:
        return None
    place = Place(channel_of(text), kept.thread, kept.response_url, view=kept.view, shared=kept.shared)
    return Held(bound, Origin(place, kept.at, kept.shows), kept.turn)


def confirm_view(proposal: Proposal, held: Held) -> View:
    """What will be done, to what, as whom and with which consequences; sending it is the confirmation."""
    action = proposal.bound.action
    return fit_view(
        lambda width: {
            "type": "modal",
            "callback_id": ACT_FORM,
            "title": plain_text(TITLES[action]),
            "submit": plain_text(_ASK if proposal.approvals else _SUBMITS[action]),
            "close": plain_text(_LEAVE),
            "private_metadata": held_text(held),
            "blocks": list(_asking(proposal, width)),
        }
    )


def _asking(proposal: Proposal, width: int) -> Iterator[Block]:
    row = proposal.row
    yield section([f"*{proposal.bound.action.capitalize()} {escape(app_name(row), width)}?*"])
    yield {"type": "section", "fields": [_field(name, value, width) for name, value in _facts(row) if value]}
    yield section([escape(row.verdict.why, 2 * width)]) if row.verdict.why else section([str(row.verdict.outcome)])
    happens = [f"• {escape(line, 4 * width)}" for line in proposal.consequences]
    yield section(["*What this does*", *happens] if happens else ["Cloud Foundry does not say what this does."])
    yield from _agreement(proposal, width)
    yield context([f"Done as {escape(proposal.account, width)} · {guid_code(row)}"])


def _agreement(proposal: Proposal, width: int) -> Iterator[Block]:
    if proposal.approvals:
        why = f", as {escape(proposal.rule, width)} says" if proposal.rule else ""
        yield section([f"*A second person must agree*{why}. I ask in the channel, and nothing is done before."])


def _facts(row: Row) -> Iterator[tuple[str, str]]:
    space = row.app.space if row.app else None
    yield "App", app_name(row)
    yield "Space", space.name if space else ""
    yield "Org", space.org.name if space and space.org else ""
    yield "Foundation", row.foundation
    yield "State", str(row.verdict.outcome)
    yield "Step", step(row).removeprefix("step ").replace("/", " of ")


def _field(name: str, value: str, width: int) -> Block:
    return {"type": "mrkdwn", "text": f"*{name}*\n{escape(value, width)}"}


def unlinked_view(foundation: str, held: Held) -> View:
    """For a person without an account there: the way to link one, and then to go on with what they wanted."""
    bound, action = held.bound, held.bound.action
    told = f"{action.capitalize()} is done with your own account on {foundation}. Link it first, then go on here."
    link = button(f"{LINK_START}_{foundation}", f"Link {foundation}…", foundation, f"Link your account on {foundation}")
    on = button(f"act_{action}", f"{action.capitalize()}…", bound_text(bound), f"{action.capitalize()} it, once linked")
    offered = [one for one in (link, on) if size(one["value"]) <= BUTTON_VALUE]
    drawn = [{**one, "block_id": FRESH} for one in actions(offered)]
    return fit_view(
        lambda _: {
            "type": "modal",
            "callback_id": ACT_FORM,
            "title": plain_text(TITLES[action]),
            "close": plain_text("Close"),
            "private_metadata": held_text(held),
            "blocks": [{"type": "section", "text": plain_text(told)}, *drawn],
        }
    )


def moved_view(proposal: Proposal, held: Held, *, several_foundations: bool) -> View:
    """Something moved on since the button was drawn: what, how it stands now, and what can be done with it now."""
    row = proposal.row
    return fit_view(
        lambda width: {
            "type": "modal",
            "callback_id": ACT_FORM,
            "title": plain_text("Nothing was done"),
            "close": plain_text("Close"),
            "private_metadata": held_text(held),
            "blocks": [
                section([f"⏩ *Nothing was done.* {escape(proposal.moved, 4 * width)}"]),
                *_now(row, width, several=several_foundations),
                *_fresh(row),
            ],
        }
    )


def _now(row: Row, width: int, *, several: bool) -> Iterator[Block]:
    yield section(["*As it is now*", *row_lines(row, width, several_foundations=several)])
    yield context([guid_code(row)])


def _fresh(row: Row) -> Iterator[Block]:
    deployment = row.deployment
    for block in actions(act_buttons(row.foundation, deployment.guid, stand_of(deployment), watch=True)):
        yield {**block, "block_id": FRESH}


def result_view(result: Result, action: Action, held: Held, *, several_foundations: bool) -> View:
    """What became of it, and the deployment as it is now."""
    return fit_view(
        lambda width: {
            "type": "modal",
            "callback_id": ACT_FORM,
            "title": plain_text(TITLES[action]),
            "close": plain_text("Close"),
            "private_metadata": held_text(held),
            "blocks": _result(result, width, several=several_foundations),
        }
    )


def result_message(result: Result, *, several_foundations: bool) -> Message:
    """The same as a message, where the modal was closed meanwhile."""
    return fit_message(
        lambda width: {
            "text": _result_text(result, width, several=several_foundations),
            "blocks": _result(result, width, several=several_foundations),
        }
    )


def _result(result: Result, width: int, *, several: bool) -> list[Block]:
    row = result.row
    told = [section([f"{_SIGNS[result.state]} {escape(result.told, 8 * width)}"])]
    if result.state in {ActionState.DONE, ActionState.UNCLEAR}:
        told.append(context([_KEPT_UP]))
    if row is None:
        return told
    fresh = _fresh(row) if result.state else ()  # what was asked for need not be asked for again
    return [*told, *_now(row, width, several=several), *fresh]


def _result_text(result: Result, width: int, *, several: bool) -> str:
    row = result.row
    now = f"now {row_text(row, width, several_foundations=several, with_why=True)}" if row else ""
    return "\n".join(filter(None, [escape(result.told, 8 * width) or ELLIPSIS, now]))
