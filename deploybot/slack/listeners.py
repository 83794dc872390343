"""Slack's side doors, opened in Bolt: each acknowledges, and hands the rest to the desk.

Few listeners, since Bolt tries them one by one: clicks are told apart by `Answering.click`. With
`process_before_response` Bolt sends the acknowledgement as soon as a listener returns, and none of these waits.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from deploybot.slack.answering import Answering
from deploybot.slack.blocks.filter_modal import FILTER_FORM, FormError, parse_origin, read_form
from deploybot.slack.blocks.help import COMMAND
from deploybot.slack.blocks.problem import WAITING, sentence_view
from deploybot.slack.desk import Desk
from deploybot.slack.payload import Body, from_action, from_command, from_mention, from_submission

ANY = re.compile("")


def register(app: AsyncApp, desk: Desk, answering: Answering, now: Callable[[], float]) -> None:
    """Register every listener there is."""

    async def command(ack: AsyncAck, body: Body) -> None:
        await ack()
        desk.take(from_command(body), answering.command)

    async def click(ack: AsyncAck, body: Body) -> None:
        await ack()
        desk.take(from_action(body), answering.click)

    async def mention(ack: AsyncAck, body: Body) -> None:
        await ack()
        desk.take(from_mention(body), answering.mention)

    async def form(ack: AsyncAck, body: Body) -> None:
        await ack(_take_form(body, desk, answering, now()) or "")

    app.command(COMMAND)(command)
    app.action(ANY)(click)
    app.event("app_mention")(mention)
    app.view(FILTER_FORM)(form)


def _take_form(body: Body, desk: Desk, answering: Answering, now: float) -> dict[str, Any]:
    """Read the form and begin the answer; what Slack is told: what to put right, to wait, or to close the form."""
    asked = from_submission(body)
    origin = parse_origin(asked.text)
    try:
        query = read_form(body.get("view"), origin)
    except FormError as problem:
        return {"response_action": "errors", "errors": problem.by_block}
    if origin.is_fresh(now):
        desk.take(replace(asked, place=replace(asked.place, view="")), lambda it: answering.form(query, origin, it))
        return {}
    desk.take(asked, lambda it: answering.late_form(query, origin, it))
    return {"response_action": "update", "view": sentence_view(WAITING)}
