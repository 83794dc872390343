"""views.open, views.update, views.push."""

from deploybot.demo.workspace.drafting import view_draft
from deploybot.demo.workspace.methods.desk import Desk, text_arg
from deploybot.demo.workspace.records import JsonObject, View
from deploybot.demo.workspace.refusals import RefusedError
from deploybot.demo.workspace.rendering import slack_view
from deploybot.demo.workspace.submitting import MAX_STACK
from deploybot.demo.workspace.views import new_view, updated_view


def open_modal(desk: Desk, args: JsonObject) -> JsonObject:
    """https://docs.slack.dev/reference/methods/views.open"""
    payload = view_draft(args)
    _refuse_duplicate(desk, payload)
    trigger = desk.grants.exchange(text_arg(args, "trigger_id"))
    view = new_view(trigger.person, payload, desk.workspace.ids)
    desk.workspace.open_view(view)
    return {"view": slack_view(desk.workspace, view)}


def push(desk: Desk, args: JsonObject) -> JsonObject:
    """https://docs.slack.dev/reference/methods/views.push: onto the modal that the trigger was given in."""
    payload = view_draft(args)
    _refuse_duplicate(desk, payload)
    trigger = desk.grants.exchange(text_arg(args, "trigger_id"))
    stack = desk.workspace.stack(trigger.person)
    if trigger.view is None or not stack:
        raise RefusedError("invalid_trigger_id")
    if len(stack) >= MAX_STACK:
        raise RefusedError("push_limit_reached")
    view = new_view(trigger.person, payload, desk.workspace.ids, on=stack[-1])
    desk.workspace.push_view(view)
    return {"view": slack_view(desk.workspace, view)}


def update(desk: Desk, args: JsonObject) -> JsonObject:
    """https://docs.slack.dev/reference/methods/views.update; with `hash` only if nothing changed since."""
    payload = view_draft(args)
    view = _known(desk, args)
    if args.get("hash") and args["hash"] != view.hash:
        raise RefusedError("hash_conflict")
    updated = updated_view(view, payload, desk.workspace.ids)
    desk.workspace.put_view(updated)
    return {"view": slack_view(desk.workspace, updated)}


def _known(desk: Desk, args: JsonObject) -> View:
    view = desk.workspace.views.get(str(args.get("view_id") or ""))
    if view is None and args.get("external_id"):
        external_id = args["external_id"]
        found = (known for known in desk.workspace.views.values())
        view = next((known for known in found if known.payload.get("external_id") == external_id), None)
    if view is None:
        raise RefusedError("not_found")
    return view


def _refuse_duplicate(desk: Desk, payload: JsonObject) -> None:
    external_id = payload.get("external_id")
    if external_id and any(view.payload.get("external_id") == external_id for view in desk.workspace.views.values()):
        raise RefusedError("duplicate_external_id")
