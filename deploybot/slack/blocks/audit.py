"""A page of the record: who did what to what, who allowed it, and what came of it, newest first."""

from collections.abc import Iterator
from dataclasses import replace

from deploybot.domain.audit import AuditEvent, AuditKind, AuditOutcome
from deploybot.domain.audit_question import MOST_SKIPPED, turn_value
from deploybot.service.auditing import AuditPage
from deploybot.slack.blocks.elements import Element, actions, button, context, header, plain_text, section
from deploybot.slack.limits import BUTTON_VALUE, Block, Message, View, fit_message, fit_view
from deploybot.slack.text import code, date, escape, size, utc

SIGNS = {
    AuditOutcome.BEGUN: "⏳",
    AuditOutcome.DONE: "✅",
    AuditOutcome.REFUSED: "🚫",
    AuditOutcome.UNCLEAR: "❔",
}
WORDS = {
    AuditKind.CONTINUE: "continue",
    AuditKind.CANCEL: "cancel",
    AuditKind.ASK: "ask for agreement",
    AuditKind.AGREE: "agree",
    AuditKind.DECLINE: "decline",
    AuditKind.LINK: "link an account",
    AuditKind.UNLINK: "unlink an account",
    AuditKind.SUBSCRIBE: "subscribe",
    AuditKind.WATCH: "watch",
    AuditKind.READ_AUDIT: "read the record",
}


def audit_message(page: AuditPage) -> Message:
    """A page as a message for the asker alone: its mentions ping nobody then."""
    return fit_message(
        lambda width: {
            "text": "\n".join([_head(page), *(_spoken(event, width) for event in page.events)]),
            "blocks": list(_blocks(page, width)),
        }
    )


def audit_view(page: AuditPage) -> View:
    """The same in a modal."""
    return fit_view(
        lambda width: {
            "type": "modal",
            "title": plain_text("On the record"),
            "close": plain_text("Close"),
            "blocks": list(_blocks(page, width)),
        }
    )


def _blocks(page: AuditPage, width: int) -> Iterator[Block]:
    yield header(_head(page))
    yield context([" · ".join(_standing(page, width))])
    for event in page.events:
        yield section(list(_lines(event, width)))
    if not page.events:
        yield section(["Leave a filter out, or look further back, for example with `audit since=30d`."])
    yield from actions([one for one in _turns(page) if size(one["value"]) <= BUTTON_VALUE])


def _head(page: AuditPage) -> str:
    if not page.total:
        return "Nothing on the record matches"
    first, last = page.turn.skip + 1, page.turn.skip + len(page.events)
    events = f"{page.total:,} event{'' if page.total == 1 else 's'} on the record"
    return f"{events}, {first:,} to {last:,} of them" if len(page.events) != page.total else events


def _standing(page: AuditPage, width: int) -> Iterator[str]:
    yield f"as of {date(page.turn.as_of)}"
    yield code(page.turn.asked, 4 * width)
    if page.narrowed:
        yield "only what you may see"


def _lines(event: AuditEvent, width: int) -> Iterator[str]:
    what = f"{SIGNS[event.outcome]} *{WORDS[event.kind]}: {event.outcome}*"
    app = f"  *{escape(event.app, width)}*" if event.app else ""
    yield what + app + "".join(f"  {part}" for part in (_place(event, width),) if part)
    yield f"{date(event.at, '{date_short_pretty}, {time_secs}')} by {_who(event, width)}{_channel(event)}"
    yield escape(event.told, 3 * width)
    yield _stood(event, width)
    yield f"Decided: {escape(event.decision, width)}{_rule(event, width)}" if event.decision else ""
    yield " · ".join(_ids(event))


def _place(event: AuditEvent, width: int) -> str:
    space = escape("/".join(filter(None, (event.org, event.space))), width)
    return " on ".join(filter(None, (space, escape(event.foundation, width))))


def _who(event: AuditEvent, width: int) -> str:
    person = f"<@{event.user}>" if event.user.isalnum() and event.user.isascii() else "deploybot itself"
    return f"{person} as {escape(event.account, width)}" if event.account else person


def _channel(event: AuditEvent) -> str:
    if event.channel.startswith("D"):
        return " in a direct message"
    return f" in <#{event.channel}>" if event.channel.isalnum() and event.channel.isascii() else ""


def _stood(event: AuditEvent, width: int) -> str:
    step = "" if event.step is None else f", step {event.step}"
    status = " / ".join(filter(None, (event.value, event.reason)))
    return f"It stood at {escape(status, width)}{step}" if status or step else ""


def _rule(event: AuditEvent, width: int) -> str:
    return f" ({escape(event.rule, width)})" if event.rule and event.rule not in event.decision else ""


def _ids(event: AuditEvent) -> Iterator[str]:
    named = {"deployment": event.guid, "request": event.request_id, "Cloud Foundry's event": event.event_guid}
    return (f"{name} {code(value, 100)}" for name, value in named.items() if value)


def _spoken(event: AuditEvent, width: int) -> str:
    """An event as one line for screen readers."""
    parts = (
        f"{WORDS[event.kind]}: {event.outcome}",
        escape(event.app, width),
        f"by {_who(event, width)}",
        utc(event.at),
        escape(event.told, width),
    )
    return ", ".join(filter(None, parts))


def _turns(page: AuditPage) -> Iterator[Element]:
    turn = page.turn
    before, after = max(0, turn.skip - turn.most), turn.skip + turn.most
    if turn.skip:
        value = turn_value(replace(turn, skip=before))
        yield button("audit_previous", "◀ Previous", value, "Previous page of the record, newer events")
    if after < page.total and after <= MOST_SKIPPED:
        yield button(
            "audit_next", "Next ▶", turn_value(replace(turn, skip=after)), "Next page of the record, older events"
        )
