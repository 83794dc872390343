"""What the live panel shows: apps with their rollout under way, and each instance's state."""

from typing import Any

from deploybot.demo.foundation.entities import App, Deployment, Process
from deploybot.demo.foundation.instances import counts, state_at
from deploybot.demo.foundation.instants import to_text
from deploybot.demo.foundation.updater import desired_instances
from deploybot.demo.foundation.world import World


def app_cards(world: World, now: int, *, everything: bool) -> list[dict[str, Any]]:
    """One card per app with a rollout under way, newest first; with `everything`, then all other apps by name."""
    running = {each.app_guid: each for each in world.active_deployments()}
    newest_first = sorted(running.values(), key=lambda each: each.created_at, reverse=True)
    cards = [_card(world, world.apps[each.app_guid], each, now) for each in newest_first]
    if everything:
        others = sorted((app for app in world.apps if app.guid not in running), key=lambda app: app.name)
        cards += [_card(world, app, None, now) for app in others]
    return cards


def _card(world: World, app: App, rollout: Deployment | None, now: int) -> dict[str, Any]:
    processes = world.web_processes(app.guid)
    new = rollout.deploying_process_guid if rollout else None
    return {
        "guid": app.guid,
        "name": app.name,
        "space": world.spaces[app.space_guid].name,
        "organization": world.organization_of(app.space_guid).name,
        "rollout": _rollout(rollout, processes, now) if rollout else None,
        "processes": [
            {"guid": each.guid, "new": each.guid == new, "instances": [state_at(one, now)[0] for one in each.running]}
            for each in processes
        ],
    }


def _rollout(row: Deployment, processes: list[Process], now: int) -> dict[str, Any]:
    new = next((each for each in processes if each.guid == row.deploying_process_guid), None)
    return {
        "guid": row.guid,
        "strategy": row.strategy,
        "state": row.state,
        "reason": row.status_reason,
        "error": row.error,
        "step": row.canary_current_step,
        "weights": row.canary_steps,
        "created_at": to_text(row.created_at),
        "updated_at": to_text(row.created_at if row.updated_at is None else row.updated_at),
        "desired": desired_instances(row),
        "ready": counts(new, now)[0] if new else 0,
        "max_in_flight": row.max_in_flight,
        "actions": ["cancel", "continue"] if row.state == "PAUSED" else ["cancel"],
    }
