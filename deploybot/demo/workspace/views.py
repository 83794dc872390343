"""New modals and new versions of modals, as values; pure but for the ids they take."""

from dataclasses import replace

from deploybot.demo.workspace.elements import interactive
from deploybot.demo.workspace.ids import Ids
from deploybot.demo.workspace.records import JsonObject, View


def new_view(person: str, payload: JsonObject, ids: Ids, on: View | None = None) -> View:
    """A modal for this person, the first of its stack or `on` another."""
    view_id = ids.of("V")
    return View(
        id=view_id,
        person=person,
        payload=payload,
        hash=_hash(ids),
        root_id=on.root_id if on else view_id,
        previous_id=on.id if on else None,
    )


def updated_view(view: View, payload: JsonObject, ids: Ids) -> View:
    """The same modal with new content. An input that keeps its block_id and action_id keeps what was entered."""
    kept: dict[str, dict[str, JsonObject]] = {}
    for found in interactive(payload["blocks"]):
        block_id, action_id = found.block["block_id"], found.element.get("action_id", "")
        value = view.state.get(block_id, {}).get(action_id)
        if value is not None and value.get("type") == found.element["type"]:
            kept.setdefault(block_id, {})[action_id] = value
    return replace(view, payload=payload, hash=_hash(ids), state=kept, errors={})


def _hash(ids: Ids) -> str:
    return f"{ids.token()[:10]}.{ids.token()[:8]}"
