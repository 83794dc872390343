"""A watch's message, and what is told in its thread."""

from collections.abc import Iterator
from datetime import timedelta

from msgspec.structs import replace

from deploybot.domain.acting import stand_of_entry
from deploybot.domain.deployment import CanaryOptions, CanaryStep, Options
from deploybot.domain.entry_row import row_of
from deploybot.domain.outcome import span
from deploybot.domain.outgoing import WatchReplyBody
from deploybot.domain.page import Row
from deploybot.domain.watch import Bar, Watch, WatchView
from deploybot.slack.blocks.act_buttons import act_buttons
from deploybot.slack.blocks.alert import details_button, reply_message
from deploybot.slack.blocks.detail import canary_lines
from deploybot.slack.blocks.elements import Element, actions, button, context, repeated, repeated_text, section
from deploybot.slack.blocks.look import Look
from deploybot.slack.blocks.pings import pings
from deploybot.slack.blocks.row import row_lines, row_text
from deploybot.slack.limits import BUTTON_VALUE, Message, fit_message
from deploybot.slack.text import code, date, escape, size, utc

_CELLS = 20
_SECONDS = "{date_short_pretty}, {time_secs}"


def watch_message(watch: Watch, look: Look, *, repeat: bool = False) -> Message:
    """The message as it is posted, and edited from then on. Its text has all of it in words, without the bar."""
    view, row = watch.view, _row(watch.view)
    several = look.several_foundations
    return fit_message(
        lambda width: {
            "text": repeated_text(_text(view, row, width, several=several), repeat),
            "blocks": [
                section(
                    [
                        *row_lines(row, width, several_foundations=several),
                        *canary_lines(row.deployment),
                        *_bar_lines(view.bar),
                        _times(view),
                    ]
                ),
                *actions([] if view.over else list(_buttons(watch, row))),
                context(list(_footer(watch, width))),
                *repeated(repeat),
            ],
        }
    )


def watch_reply_message(body: WatchReplyBody, look: Look, *, repeat: bool = False) -> Message:
    """A change, or the end of the watch, in its thread; the end pings."""
    if body.transition:
        return reply_message(body.transition, body.entry, look, mentions=body.mentions, repeat=repeat)

    def told(width: int) -> str:
        return " ".join(filter(None, [escape(body.text, 4 * width), pings(body.mentions)]))

    return fit_message(
        lambda width: {
            "text": repeated_text(told(width), repeat),
            "blocks": [section([told(width)]), *repeated(repeat)],
        }
    )


def _row(view: WatchView) -> Row:
    """The row of the entry, with the canary's steps as far as they are known."""
    row = row_of(view.entry)
    if not view.weights:
        return row
    options = Options(canary=CanaryOptions(tuple(map(CanaryStep, view.weights))))
    return Row(row.foundation, replace(row.deployment, options=options), row.verdict, row.app, by=row.by)


def _text(view: WatchView, row: Row, width: int, *, several: bool) -> str:
    seen = f"not seen since {utc(view.unseen_since)}" if view.unseen_since else ""
    parts = [row_text(row, width, several_foundations=several, with_why=True), _counts(view.bar), seen]
    return ", ".join(filter(None, [*parts, escape(view.over, 2 * width)]))


def _bar_lines(bar: Bar | None) -> list[str]:
    """The new version's running instances as a bar, and all of it in numbers and words."""
    if bar is None:
        return []
    goal = _goal(bar)
    full = min(_CELLS, round(_CELLS * bar.new_running / goal)) if goal > 0 else 0
    return [f"{code('█' * full + '░' * (_CELLS - full))}", _counts(bar)]


def _counts(bar: Bar | None) -> str:
    if bar is None:
        return ""
    crashed = f", {bar.new_crashed} crashed" if bar.new_crashed else ""
    return (
        f"new version: {bar.new_running} of {_goal(bar)} instances run{crashed}; "
        f"before: {bar.old_running} of {bar.old_wanted} run"
    )


def _goal(bar: Bar) -> int:
    return bar.new_wanted if bar.goal is None else bar.goal


def _times(view: WatchView) -> str:
    """How long it took so far, or altogether, and how long one usually takes."""
    entry = view.entry
    until = entry.ended_at or view.unseen_since or view.as_of
    took = (
        f"took {_length(until - entry.created_at)}" if entry.ended_at else f"{_length(until - entry.created_at)} so far"
    )
    usual = f", usually about {_length(timedelta(seconds=view.expected))}" if view.expected is not None else ""
    return took + usual


def _length(time: timedelta) -> str:
    """`42 s`, `4 min 10 s`, `3 h`"""
    seconds = max(0, int(time.total_seconds()))
    if 60 <= seconds < 3600:
        return f"{seconds // 60} min {seconds % 60} s" if seconds % 60 else f"{seconds // 60} min"
    return span(timedelta(seconds=seconds))


def _footer(watch: Watch, width: int) -> Iterator[str]:
    view, entry = watch.view, watch.view.entry
    if watch.watchers and not view.over and entry.is_active:
        yield f"{len(watch.watchers)} {'person is' if len(watch.watchers) == 1 else 'people are'} pinged at the end"
    if view.unseen_since:
        why = f" ({escape(view.unseen_why, width)})" if view.unseen_why else ""
        place = escape(entry.foundation, width)
        yield f"⚠️ {place} could not be asked{why}: nothing was seen since {date(view.unseen_since, _SECONDS)}"
    elif entry.ended_at:
        yield f"ended {date(entry.ended_at, _SECONDS)}"
    elif entry.gone_at:
        yield f"Cloud Foundry does not show it any more since {date(entry.gone_at, _SECONDS)}"
    if view.over:
        yield escape(view.over, 2 * width)
    elif entry.is_active and not view.unseen_since:
        yield f"as of {date(view.as_of, _SECONDS)} · edited about every {_length(timedelta(seconds=view.every))}"


def _buttons(watch: Watch, row: Row) -> Iterator[Element]:
    entry = watch.view.entry
    yield from act_buttons(entry.foundation, entry.guid, stand_of_entry(entry), watch=False)
    if size(watch.id) <= BUTTON_VALUE and entry.is_active:
        yield button("watch_join", "Watch too", watch.id, "Be pinged at the end of this deployment")
        yield button("watch_stop", "Stop watching", watch.id, "Be pinged no more; the last one ends the watch")
    if details := details_button(row):
        yield details
