"""What an app's answer to a sent form does to the person's modals: `response_action`, or nothing, which closes one."""

import enum

from deploybot.demo.workspace.drafting import view_draft
from deploybot.demo.workspace.people import Person
from deploybot.demo.workspace.records import JsonObject, View
from deploybot.demo.workspace.refusals import RefusedError, invalid
from deploybot.demo.workspace.state import Workspace
from deploybot.demo.workspace.views import new_view, updated_view

MAX_STACK = 3


class ResponseAction(enum.Enum):
    ERRORS = "errors"
    UPDATE = "update"
    PUSH = "push"
    CLEAR = "clear"


class Submissions:
    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def settle(self, person: Person, view: View, body: JsonObject | None) -> None:
        """https://docs.slack.dev/surfaces/modals#updating_response; refuses an answer that Slack would not take."""
        if not body:
            self._workspace.close_view(view)
            return
        match _response_action(body):
            case ResponseAction.ERRORS:
                self._workspace.set_errors(view, _errors(view, body))
            case ResponseAction.UPDATE:
                self._workspace.put_view(updated_view(view, view_draft(body), self._workspace.ids))
            case ResponseAction.PUSH:
                self._push(person, view, body)
            case ResponseAction.CLEAR:
                self._workspace.close_views(person.id)

    def _push(self, person: Person, view: View, body: JsonObject) -> None:
        if len(self._workspace.stack(person.id)) >= MAX_STACK:
            raise RefusedError("push_limit_reached")
        self._workspace.push_view(new_view(person.id, view_draft(body), self._workspace.ids, on=view))


def _response_action(body: JsonObject) -> ResponseAction:
    try:
        return ResponseAction(body.get("response_action"))
    except ValueError:
        known = ", ".join(action.value for action in ResponseAction)
        raise invalid("invalid_arguments", [f"must be one of {known} [json-pointer:/response_action]"]) from None


def _errors(view: View, body: JsonObject) -> dict[str, str]:
    inputs = {block["block_id"] for block in view.payload["blocks"] if block["type"] == "input"}
    errors = body.get("errors")
    if not isinstance(errors, dict) or not errors:
        raise invalid("invalid_arguments", ["must be an object of block_id to text [json-pointer:/errors]"])
    strangers = sorted(set(errors) - inputs)
    if strangers:
        raise invalid("invalid_arguments", [f"no input block of this id [json-pointer:/errors/{strangers[0]}]"])
    return {block_id: str(text) for block_id, text in errors.items()}
