"""What an app wants to post or show, taken from its arguments and checked: a draft, or Slack's refusal; pure."""

import json
from dataclasses import dataclass
from typing import Any

from deploybot.demo.workspace.elements import with_ids
from deploybot.demo.workspace.escaping import echoed, escaped
from deploybot.demo.workspace.records import JsonObject
from deploybot.demo.workspace.refusals import RefusedError, invalid
from deploybot.demo.workspace.rules import message_problems, view_problems

MAX_TEXT = 40_000
"""Longer texts are cut: https://docs.slack.dev/changelog/2018-truncating-really-long-messages"""
NO_TEXT = "no top-level text: screen readers and notifications have nothing to tell"
LONG_TEXT = "top-level text is longer than the 4,000 characters that Slack recommends"


@dataclass(frozen=True, slots=True)
class Draft:
    """A message that Slack takes. `warnings` tell what it takes but advises against."""

    text: str
    blocks: tuple[JsonObject, ...] = ()
    attachments: tuple[JsonObject, ...] = ()
    metadata: JsonObject | None = None
    warnings: tuple[str, ...] = ()


def message_draft(args: JsonObject) -> Draft:
    """The message in the arguments `text`, `blocks`, `attachments` and `metadata`."""
    blocks = _list(args, "blocks", "invalid_blocks_format")
    attachments = _list(args, "attachments", "invalid_attachments_format")
    text = _text(args)
    if not (text or blocks or attachments):
        raise RefusedError("no_text")
    refuse_blocks(blocks)
    return Draft(
        text=escaped(text)[:MAX_TEXT],
        blocks=tuple(echoed(with_ids(blocks))),
        attachments=tuple(attachments),
        metadata=_metadata(args),
        warnings=_warnings(text),
    )


def refuse_blocks(blocks: list[Any]) -> None:
    """Raise `invalid_blocks` (or `msg_blocks_too_long`) with every path and reason, if there is anything wrong."""
    problems = message_problems(blocks)
    if problems:
        raise invalid(problems[0].error, [problem.told() for problem in problems])


def view_draft(args: JsonObject) -> JsonObject:
    """The view in the argument `view`, with ids filled in."""
    view = parsed_json(args.get("view"), "invalid_arguments")
    if not isinstance(view, dict):
        raise invalid("invalid_arguments", ["must be an object [json-pointer:/view]"])
    problems = view_problems(view)
    if problems:
        raise invalid(problems[0].error, [problem.told() for problem in problems])
    return {**view, "blocks": echoed(with_ids(view["blocks"]))}


def parsed_json(value: Any, error: str) -> Any:
    """A structured argument: JSON text in a form, already structured in a JSON body."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value) if value else None
    except ValueError:
        raise RefusedError(error) from None


def _list(args: JsonObject, name: str, error: str) -> list[Any]:
    value = parsed_json(args.get(name), error)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise RefusedError(error)
    return value


def _text(args: JsonObject) -> str:
    text = args.get("text")
    if text is not None and not isinstance(text, str):
        raise invalid("invalid_arguments", ["must be a string [json-pointer:/text]"])
    return text or ""


def _metadata(args: JsonObject) -> JsonObject | None:
    metadata = parsed_json(args.get("metadata"), "invalid_metadata_format")
    if metadata is None:
        return None
    match metadata:
        case {"event_type": str(), "event_payload": dict()} if len(metadata) == 2:
            return dict(metadata)
        case _:
            raise RefusedError("invalid_metadata_schema")


def _warnings(text: str) -> tuple[str, ...]:
    if not text:
        return (NO_TEXT,)
    return (LONG_TEXT,) if len(text) > 4000 else ()
