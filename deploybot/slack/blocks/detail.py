"""One deployment in full, as a modal or a message: timeline, canary steps, instances, labels and what to do next."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from deploybot.domain.acting import stand_of
from deploybot.domain.button import button_text
from deploybot.domain.deployment import Deployment, Event, Instances, Metadata, Options
from deploybot.domain.page import Detail
from deploybot.domain.paging import FIRST
from deploybot.domain.query import Query
from deploybot.domain.words import SIGNS, app_name
from deploybot.slack.blocks.act_buttons import act_buttons
from deploybot.slack.blocks.elements import Element, actions, button, context, credit, header, plain_text, section
from deploybot.slack.blocks.links import Console
from deploybot.slack.blocks.row import guid_code, row_lines, row_text
from deploybot.slack.limits import BUTTON_VALUE, URL, Block, Message, View, fit_message, fit_view
from deploybot.slack.text import code, date, escape, plain, size, utc

DETAIL = "detail"
"""The id of the block of buttons that act: who presses one of them looks at a deployment's details."""
_SHOWN = 12
"""How many lines of a list are shown; the rest is counted."""


def detail_message(detail: Detail, console: Console, *, shared: bool = False, shared_by: str = "") -> Message:
    """One deployment as a message. A shared one, which everybody in the channel sees, needs no button to share it."""
    return fit_message(
        lambda width: {
            "text": _text(detail, width),
            "blocks": [*_blocks(detail, console, width, shared=shared), *credit(shared_by)],
        }
    )


def detail_view(detail: Detail, console: Console) -> View:
    """One deployment in a modal."""
    return fit_view(
        lambda width: {
            "type": "modal",
            "title": plain_text("Deployment"),
            "close": plain_text("Close"),
            "blocks": _blocks(detail, console, width, shared=True),
        }
    )


def _blocks(detail: Detail, console: Console, width: int, *, shared: bool) -> list[Block]:
    row, several = detail.row, detail.several_foundations
    deployment = row.deployment
    metadata = deployment.metadata or Metadata()
    parts = (
        ("Canary steps", canary_lines(deployment)),
        ("Timeline", _listed(list(_timeline(detail, width)))),
        ("Instances", list(_instances(detail))),
        ("Version", list(_version(detail, width))),
        ("Options", list(_options(deployment.options or Options()))),
        ("Labels", _listed(_pairs(metadata.labels, width))),
        ("Annotations", _listed(_pairs(metadata.annotations, width))),
        ("API links", _listed(list(_links(deployment, width)))),
    )
    return [
        header(plain(f"{SIGNS[row.verdict.outcome]} {row.verdict.outcome}: {app_name(row)}", 150)),
        section(row_lines(row, width, several_foundations=several)),
        section(["*What to do next*", escape(detail.advice, 4 * width)]),
        *({**one, "block_id": DETAIL} for one in actions(_acts(detail))),
        *(section([f"*{title}*", *lines]) for title, lines in parts if any(lines)),
        context([f"{guid_code(row)} on {escape(row.foundation, width)} · as of {date(detail.as_of)}"]),
        *_remarks(detail, width),
        *actions(list(_buttons(detail, console, shared=shared))),
    ]


def canary_lines(deployment: Deployment) -> list[str]:
    """The steps of a canary with the current one marked: `20% > [60%] > 100%`; nothing for other strategies."""
    steps = deployment.canary_steps
    if deployment.strategy != "canary" and not steps:
        return []
    canary = deployment.options.canary if deployment.options else None
    marks = [f"{step.instance_weight or '?'}%" for step in (canary.steps if canary else None) or ()] or ["1 instance"]
    if marks[-1] != "100%":
        marks.append("100%")
    place = len(marks) if deployment.reason == "DEPLOYED" else steps.current if steps else None
    drawn = [f"[{mark}]" if number == place else mark for number, mark in enumerate(marks, start=1)]
    return [code(" > ".join(drawn), 1000)]


def _timeline(detail: Detail, width: int) -> Iterator[str]:
    """What happened and when, oldest first."""
    deployment = detail.row.deployment
    moments: list[tuple[datetime | None, str]] = [
        (deployment.created_at, "created" + _by(detail, width)),
        *((event.at, f"{escape(event.type, width)} by {escape(event.by.shown, width)}") for event in _later(detail)),
        (deployment.details.last_successful_healthcheck, "last successful health check"),
        (deployment.details.last_status_change, f"status became {escape(deployment.reason or 'unknown', width)}"),
        (deployment.updated_at, "last updated"),
    ]
    return (
        f"{date(at)}  {what}" for at, what in sorted(((at, what) for at, what in moments if at), key=lambda m: m[0])
    )


def _later(detail: Detail) -> list[Event]:
    return [event for event in detail.events or () if event.type != "create"]


def _by(detail: Detail, width: int) -> str:
    return f" by {escape(detail.row.by.shown, width)}" if detail.row.by else ""


def _instances(detail: Detail) -> Iterator[str]:
    if progress := detail.row.progress:
        goal = "" if progress.goal is None else f", {progress.goal} in the end"
        yield f"new version: {_states(progress.new)}{goal}"
        yield f"versions before: {_states(progress.old)}"


def _states(instances: Instances) -> str:
    states = {
        "running": instances.running,
        "starting": instances.starting,
        "crashed": instances.crashed,
        "in other states": instances.other,
    }
    shown = ", ".join(f"{count} {state}" for state, count in states.items() if count or state == "running")
    return f"{shown} of {instances.desired} wanted"


def _version(detail: Detail, width: int) -> Iterator[str]:
    deployment = detail.row.deployment
    if detail.revision:
        yield f"revision {detail.revision.version}: {escape(detail.revision.description, 2 * width)}"
    if deployment.droplet and deployment.droplet.guid:
        yield f"droplet {code(deployment.droplet.guid, 100)}"
    if deployment.previous_droplet and deployment.previous_droplet.guid:
        yield f"droplet before {code(deployment.previous_droplet.guid, 100)}"
    yield from _listed(
        [f"{escape(p.type or 'process', width)} {code(p.guid or '', 100)}" for p in deployment.new_processes or ()]
    )


def _options(options: Options) -> Iterator[str]:
    named = {
        "replaces at most {} at a time": options.max_in_flight,
        "{} web instances": options.web_instances,
        "{} MB memory": options.memory_in_mb,
        "{} MB disk": options.disk_in_mb,
        "{} bytes of log a second": options.log_rate_limit_in_bytes_per_second,
    }
    return (words.format("unlimited" if value == -1 else value) for words, value in named.items() if value is not None)


def _pairs(pairs: Mapping[str, str | None] | None, width: int) -> list[str]:
    return [f"{escape(key, width)}: {escape(value or '', width)}" for key, value in (pairs or {}).items()]


def _links(deployment: Deployment, width: int) -> Iterator[str]:
    for name, link in (deployment.links or {}).items():
        if link and link.href:
            request = f"{link.method or 'GET'} {link.href}"
            yield f"{escape(name, width)} {code(request, 2 * width)}"


def _listed(lines: Sequence[str]) -> list[str]:
    hidden = len(lines) - _SHOWN
    return [*lines[:_SHOWN], *([f"… and {hidden} more"] if hidden > 0 else [])]


def _remarks(detail: Detail, width: int) -> list[Block]:
    troubles = [f"{trouble.foundation}: {trouble.reason}" for trouble in detail.troubles]
    unseen = ["Who did what is not known: audit events can't be seen."] if detail.events is None else []
    remarks = _listed([escape(remark, 2 * width) for remark in (*troubles, *detail.notes, *unseen)])
    return [context(remarks)] if remarks else []


def _acts(detail: Detail) -> list[Element]:
    """Beside the advice, since whoever is on call looks for them."""
    row = detail.row
    return act_buttons(row.foundation, row.deployment.guid, stand_of(row.deployment), watch=True)


def _buttons(detail: Detail, console: Console, *, shared: bool) -> Iterator[Element]:
    row = detail.row
    here = f"{row.foundation}/{row.deployment.guid}"
    if size(here) <= BUTTON_VALUE:
        yield button("detail", "🔄 Refresh", here, "Ask again for this deployment")
        if not shared:
            yield button("detail_share", "Share", here, "Post this deployment to the channel")
    if app := row.deployment.app_guid:
        asked = button_text(FIRST, Query(apps=(app,), foundations=(row.foundation,)))
        yield button("turn_app", "All of this app", asked, "List all deployments of this app")
    url = console.url(row)
    if url and size(url) <= URL:
        yield {**button("open", plain(console.label, 75), here, "Open this deployment in the web console"), "url": url}


def _text(detail: Detail, width: int) -> str:
    """The whole essential answer as text, for screen readers and notifications."""
    row = row_text(detail.row, width, several_foundations=detail.several_foundations, with_why=True)
    advice = escape(detail.advice, 4 * width)
    return "\n".join(filter(None, [row, advice, f"guid {guid_code(detail.row)}, as of {utc(detail.as_of)}"]))
