"""The form by which a channel is subscribed, or a subscription edited, with a look ahead inside it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from deploybot.domain.grammar_keys import KEY_BY_WORD
from deploybot.domain.ledger import Kind
from deploybot.domain.subscription import SubscriptionKind
from deploybot.slack.blocks.change import KIND_SIGNS
from deploybot.slack.blocks.elements import Element, actions, button, option, plain_text, section
from deploybot.slack.blocks.subscribe_form import MOST_FIELD, NAMED, OTHER, SCHEDULES, Filled, is_mention
from deploybot.slack.limits import Block, View, fit_view
from deploybot.slack.text import escape, plain, size

SUBSCRIBE_FORM = "subscribe"
FORM_KIND, FORM_PREVIEW, FORM_MENTION = "form_kind", "form_preview", "form_mention"
"""Actions within the form; the last one is what the suggestions of whom to mention are asked for."""

_KINDS = {
    SubscriptionKind.ALERT: ("Alerts", "As it happens, one thread per deployment"),
    SubscriptionKind.DIGEST: ("Digest", "On a schedule: what is new, what failed, what is still open"),
}
_EVENTS = {
    Kind.FAILED: "stuck with an error, or ended badly",
    Kind.STALLED: "no instance got healthy for a while",
    Kind.PAUSED: "a canary waits for a person",
    Kind.RECOVERED: "a stalled or failed one goes on",
    Kind.STARTED: "a deployment began",
    Kind.CONTINUED: "a paused canary goes on",
    Kind.SUCCEEDED: "every instance of the new version is healthy",
    Kind.CANCELED: "it went back to the old version",
    Kind.SUPERSEDED: "a newer deployment took its place",
    Kind.ENDED: "in words of the server's that I do not know",
}


@dataclass(frozen=True, slots=True)
class FormOf:
    """What the form is about: the channel, and when it edits, the subscription as it was read."""

    channel: str
    subscription: str = ""
    revision: int = 0


def form_text(form: FormOf) -> str:
    """For the modal's private metadata."""
    return "\n".join(("1", form.channel, form.subscription, str(form.revision)))


def parse_form(text: str) -> FormOf | None:
    """What `form_text` wrote; None for anything else."""
    version, *rest = text.split("\n")
    if version != "1" or len(rest) != 3 or not rest[0] or not (rest[2].isascii() and rest[2].isdecimal()):
        return None
    return FormOf(rest[0], rest[1], int(rest[2]))


Ahead = Callable[[int], Iterator[Block]]
"""Draws what the preview button has found out, in a width."""


def subscribe_view(form: FormOf, filled: Filled, *, problem: str = "", ahead: Ahead | None = None) -> View:
    """The form filled in; `problem` is a sentence above it, `ahead` what stands below the preview button."""
    return fit_view(
        lambda width: {
            "type": "modal",
            "callback_id": SUBSCRIBE_FORM,
            "title": plain_text("Edit subscription" if form.subscription else "Subscribe"),
            "submit": plain_text("Save" if form.subscription else "Subscribe"),
            "close": plain_text("Cancel"),
            "private_metadata": form_text(form),
            "blocks": [
                *([section([f"⚠️ {escape(problem, 1000)}"])] if problem else []),
                *_fields(filled),
                *actions([button(FORM_PREVIEW, "Preview", "preview", "Look what this would have sent")]),
                *(ahead(width) if ahead else ()),
            ],
        }
    )


def _fields(filled: Filled) -> Iterator[Block]:
    yield _kind(filled)
    for name in NAMED:
        key = KEY_BY_WORD[name]
        example = key.example.partition("=")[2]
        yield _text(name, name.capitalize(), key.meaning, getattr(filled, name), example)
    hint = "Any other filters, as in /deployments help."
    yield _text("filters", "Other filters", hint, filled.filters, "foundation=eu label=env=prod")
    if filled.kind is SubscriptionKind.DIGEST:
        yield from _when(filled)
    else:
        yield _events(filled)
    yield _text("tz", "Time zone", "What the times here mean.", filled.tz, "Europe/Berlin", optional=False)
    hint = "Nothing is posted in these hours; what happens then is told in one message afterwards."
    yield _text("quiet", "Quiet hours", hint, filled.quiet, "22:00-07:00")
    yield _mention(filled)


def _kind(filled: Filled) -> Block:
    options = [_described(kind.value, label, about) for kind, (label, about) in _KINDS.items()]
    chosen = next(one for one in options if one["value"] == filled.kind)
    element = {"type": "radio_buttons", "action_id": FORM_KIND, "options": options, "initial_option": chosen}
    return {**_input("kind", "What", element, optional=False), "dispatch_action": True}


def _when(filled: Filled) -> Iterator[Block]:
    options = [*(option(label, value) for value, label in SCHEDULES.items()), option("As written below", OTHER)]
    chosen = next((one for one in options if one["value"] == filled.schedule), options[-1])
    select = {"type": "static_select", "action_id": "value", "options": options, "initial_option": chosen}
    yield _input("schedule", "When", select, optional=False)
    hint = 'Counts instead of the choice above: days and times, every=30m, or cron="0 9 * * mon-fri".'
    yield _text("other", "Another time", hint, filled.other, "mon,thu 08:30")
    proof = _described("yes", "Also when nothing happened", "A line as proof that the bot was looking")
    boxes: Element = {"type": "checkboxes", "action_id": "value", "options": [proof]}
    if filled.proof:
        boxes["initial_options"] = [proof]
    yield _input("proof", "Proof", boxes)


def _events(filled: Filled) -> Block:
    options = [_described(kind.value, f"{KIND_SIGNS[kind]} {kind}", about) for kind, about in _EVENTS.items()]
    chosen = [one for one in options if one["value"] in filled.on]
    boxes: Element = {"type": "checkboxes", "action_id": "value", "options": options}
    if chosen:
        boxes["initial_options"] = chosen
    return _input("on", "Of what", boxes, "Nothing chosen means failed, stalled and paused.")


def _mention(filled: Filled) -> Block:
    element: Element = {
        "type": "external_select",
        "action_id": FORM_MENTION,
        "min_query_length": 0,
        "placeholder": plain_text("nobody"),
    }
    if is_mention(filled.mention):
        element["initial_option"] = option(plain(filled.mention_label or filled.mention, 75), filled.mention)
    hint = "Who is pinged when something failed: type the name of a user group."
    return _input("mention", "Mention", element, hint)


def _text(name: str, label: str, hint: str, filled: str, example: str, *, optional: bool = True) -> Block:
    element: Element = {
        "type": "plain_text_input",
        "action_id": "value",
        "max_length": MOST_FIELD,
        "placeholder": plain_text(example),
    }
    if filled and size(filled) <= MOST_FIELD:
        element["initial_value"] = filled
    return _input(name, label, element, hint, optional=optional)


def _input(name: str, label: str, element: Element, hint: str = "", *, optional: bool = True) -> Block:
    block: Block = {
        "type": "input",
        "block_id": name,
        "optional": optional,
        "label": plain_text(label),
        "element": element,
    }
    return {**block, "hint": plain_text(hint)} if hint else block


def _described(value: str, label: str, about: str) -> Element:
    return {**option(label, value), "description": plain_text(about)}
