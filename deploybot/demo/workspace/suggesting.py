"""Menus whose entries the app tells as somebody types: asked for, checked, and remembered, since only those can be
chosen.
"""

from dataclasses import replace
from typing import Any

from deploybot.demo.workspace import payloads
from deploybot.demo.workspace.delivery import Kind, Parcel
from deploybot.demo.workspace.elements import EXTERNAL, Found, find
from deploybot.demo.workspace.manifest import App
from deploybot.demo.workspace.people import Person
from deploybot.demo.workspace.records import JsonObject, Message, Notice, View
from deploybot.demo.workspace.refusals import RefusedError
from deploybot.demo.workspace.rules import suggestion_problems
from deploybot.demo.workspace.state import Workspace
from deploybot.demo.workspace.wiring import Wiring

FEWEST_TYPED = 3
"""How much has to be typed before the app is asked, unless the element says so itself."""
Holder = Message | View


class Suggestions:
    """https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element#external_select"""

    def __init__(self, workspace: Workspace, app: App, wiring: Wiring) -> None:
        self._workspace, self._app, self._wiring = workspace, app, wiring
        self._offered: dict[tuple[str, str, str, str], list[JsonObject]] = {}

    async def suggest(
        self, person: Person, holder: Holder, block_id: str, action_id: str, typed: str
    ) -> list[JsonObject]:
        """The entries (options, or groups of them) that the app tells for what was typed; none where it fails."""
        found = find(_blocks(holder), block_id, action_id)
        if found.element["type"] not in EXTERNAL:
            raise RefusedError("element_not_external")
        if len(typed) < found.element.get("min_query_length", FEWEST_TYPED):
            raise RefusedError("query_too_short")
        if self._wiring.request_url and self._wiring.request_url == self._app.request_url and not self._app.options_url:
            raise RefusedError("no_options_load_url")
        payload = payloads.block_suggestion(self._workspace, person, holder, found, typed)
        answer = await self._wiring.deliver(Parcel(Kind.INTERACTION, payload))
        told = answer.body or {}
        problems = [problem.told() for problem in suggestion_problems(told)] if not answer.failure else [answer.failure]
        if problems:
            self._complain(person, holder, problems)
            return []
        entries: list[JsonObject] = told.get("options") or told.get("option_groups") or []
        self._offered[_key(person, holder, found)] = _flat(entries)
        return entries

    def offered(self, person: Person, holder: Holder, found: Found) -> Found:
        """The element with what was offered last, and what it began with, as its options; any other as it is."""
        if found.element["type"] not in EXTERNAL:
            return found
        begun = [found.element["initial_option"]] if "initial_option" in found.element else []
        begun += found.element.get("initial_options") or []
        known = [*self._offered.get(_key(person, holder, found), []), *begun]
        return replace(found, element={**found.element, "options": known})

    def _complain(self, person: Person, holder: Holder, problems: list[str]) -> None:
        channel = holder.channel if isinstance(holder, Message) else None
        view = holder.id if isinstance(holder, View) else None
        text = f"The entries of this menu could not be loaded: {'; '.join(problems)}"
        self._workspace.notify(Notice(person.id, "options_not_loaded", text, channel, view))


def _blocks(holder: Holder) -> list[Any]:
    return list(holder.blocks) if isinstance(holder, Message) else holder.payload["blocks"]


def _key(person: Person, holder: Holder, found: Found) -> tuple[str, str, str, str]:
    place = f"{holder.channel} {holder.ts}" if isinstance(holder, Message) else holder.id
    return person.id, place, found.block["block_id"], found.element["action_id"]


def _flat(entries: list[JsonObject]) -> list[JsonObject]:
    return [option for entry in entries for option in entry.get("options", [entry])]
