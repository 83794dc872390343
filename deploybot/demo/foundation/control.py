"""The control endpoints: start rollouts, switch faults, turn the speed, and see what really happened."""

import hmac
from collections.abc import Awaitable, Callable
from typing import Any, Literal, TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from deploybot.demo.foundation import faults, panel
from deploybot.demo.foundation.entities import App
from deploybot.demo.foundation.foundation import Foundation
from deploybot.demo.foundation.instants import to_text
from deploybot.demo.foundation.refusals import BreakdownError, RefusedError
from deploybot.demo.foundation.roles import Person

TOKEN_HEADER = "x-control-token"  # noqa: S105 - its name, not its value
MOST_ENTRIES = 5000

B = TypeVar("B")
Handler = Callable[[Foundation, Request], Awaitable[Response]]


class RolloutBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`app` is a guid or organization/space/app, by default any app that rests; `by` a user name; `steps` the weights
    of a canary's steps in percent, by chance unless given."""

    app: str | None = None
    kind: Literal["rolling", "canary", "failing", "troubled"] = "rolling"
    by: str | None = None
    max_in_flight: int | None = None
    steps: tuple[int, ...] | None = None


class ActionBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    by: str | None = None


class SpeedBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    speed: float


class TrafficBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    on: bool


class RotationBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    on: bool


class PasscodeBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    user_name: str


class ControlError(Exception):
    """Shown as is to whoever holds the controls."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


def control_routes(foundation: Foundation, token: str) -> list[Route]:
    """All endpoints, each guarded by the token in the header x-control-token."""
    table: tuple[tuple[str, str, Handler], ...] = (
        ("GET", "/state", _state),
        ("GET", "/apps", _apps),
        ("GET", "/people", _people),
        ("GET", "/history", _history),
        ("POST", "/rollouts", _start),
        ("POST", "/deployments/{guid}/actions/{action}", _act),
        ("PUT", "/speed", _set_speed),
        ("PUT", "/traffic", _set_traffic),
        ("GET", "/faults", _faults),
        ("PATCH", "/faults", _change_faults),
        ("DELETE", "/faults", _clear_faults),
        ("POST", "/tokens/expire", _expire_tokens),
        ("PUT", "/tokens/rotation", _set_rotation),
        ("POST", "/tokens/revoke", _revoke_tokens),
        ("POST", "/passcodes", _hand_out_passcode),
    )
    return [Route(path, _guarded(foundation, token, handle), methods=[method]) for method, path, handle in table]


def _guarded(foundation: Foundation, token: str, handle: Handler) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        given = request.headers.get(TOKEN_HEADER, "")
        if not hmac.compare_digest(given.encode(), token.encode()):
            return _json({"error": f"the header {TOKEN_HEADER} must hold the control token"}, 401)
        try:
            return await handle(foundation, request)
        except ControlError as error:
            return _json({"error": error.message}, error.status)
        except RefusedError as refused:
            return _json({"error": refused.detail}, 422)
        except BreakdownError:
            return _json({"error": "the real server breaks on this"}, 422)

    return endpoint


async def _state(foundation: Foundation, _: Request) -> Response:
    world = foundation.world
    counts = {
        "organizations": len(world.organizations),
        "spaces": len(world.spaces),
        "apps": len(world.apps),
        "deployments": len(world.deployments),
        "active": world.deployments.bucket_size("status_value", "ACTIVE"),
    }
    return _json(
        {
            "title": foundation.title,
            "api": foundation.at.api,
            "uaa": foundation.at.uaa,
            "now": to_text(foundation.clock.now()),
            "speed": foundation.clock.speed,
            "traffic": foundation.simulation.traffic_on,
            "faults": foundation.faults,
            "counts": counts,
        }
    )


async def _apps(foundation: Foundation, request: Request) -> Response:
    everything = request.query_params.get("all") == "1"
    return _json({"apps": panel.app_cards(foundation.world, foundation.clock.now(), everything=everything)})


async def _people(foundation: Foundation, _: Request) -> Response:
    return _json(
        {
            "people": [
                {"user_name": each.user_name, "password": each.password, "admin": each.admin, "roles": each.roles}
                for each in foundation.logins
            ]
        }
    )


async def _history(foundation: Foundation, request: Request) -> Response:
    after, most = (request.query_params.get(name, default) for name, default in (("after", "0"), ("most", "1000")))
    if not (after.isdecimal() and most.isdecimal()):
        raise ControlError(422, "after and most are numbers")
    entries = foundation.journal.after(int(after), min(int(most), MOST_ENTRIES))
    return _json({"entries": [entry.as_json() for entry in entries]})


async def _start(foundation: Foundation, request: Request) -> Response:
    body = await _read(request, RolloutBody)
    app = _app(foundation, body.app)
    actor = _actor(foundation, body.by, app.space_guid)
    if body.max_in_flight is not None and body.max_in_flight < 1:
        raise ControlError(422, "max_in_flight must be at least 1")
    if body.steps is not None and (body.kind != "canary" or not _rises(body.steps)):
        raise ControlError(422, "steps are for a canary, and rise from 1 to 100")
    deployment = foundation.simulation.roll_out(
        app.guid, body.kind, actor, max_in_flight=body.max_in_flight, steps=body.steps
    )
    return _json({"deployment": deployment.guid, "app": app.guid, "by": actor.user_name}, 201)


def _rises(steps: tuple[int, ...]) -> bool:
    return bool(steps) and all(0 < one <= 100 for one in steps) and list(steps) == sorted(steps)


async def _act(foundation: Foundation, request: Request) -> Response:
    action = request.path_params["action"]
    deployment = foundation.world.deployments.get(request.path_params["guid"])
    if deployment is None or action not in ("cancel", "continue"):
        raise ControlError(404, "no such deployment or action")
    body = await _read(request, ActionBody)
    actor = _actor(foundation, body.by, deployment.space_guid)
    foundation.simulation.act(deployment, action, actor)
    return _json({"deployment": deployment.guid, "by": actor.user_name})


async def _set_speed(foundation: Foundation, request: Request) -> Response:
    body = await _read(request, SpeedBody)
    try:
        foundation.clock.set_speed(body.speed)
    except ValueError as error:
        raise ControlError(422, str(error)) from error
    return _json({"speed": foundation.clock.speed})


async def _set_traffic(foundation: Foundation, request: Request) -> Response:
    body = await _read(request, TrafficBody)
    if body.on and foundation.simulation.traffic is None:
        raise ControlError(422, "a recorded world has no traffic")
    foundation.simulation.traffic_on = body.on
    return _json({"traffic": body.on})


async def _faults(foundation: Foundation, _: Request) -> Response:
    return _json(foundation.faults)


async def _change_faults(foundation: Foundation, request: Request) -> Response:
    changes = await _read(request, dict[str, Any])
    try:
        foundation.faults = faults.merged(foundation.faults, changes)
    except (msgspec.ValidationError, ValueError) as error:
        raise ControlError(422, str(error)) from error
    return _json(foundation.faults)


async def _clear_faults(foundation: Foundation, _: Request) -> Response:
    foundation.faults = faults.Faults()
    return _json(foundation.faults)


async def _expire_tokens(foundation: Foundation, _: Request) -> Response:
    foundation.minting.expire_all()
    return Response(status_code=204)


async def _set_rotation(foundation: Foundation, request: Request) -> Response:
    """Whether a refresh token works once and is replaced by the next one."""
    foundation.uaa.rotates = (await _read(request, RotationBody)).on
    return _json({"rotation": foundation.uaa.rotates})


async def _revoke_tokens(foundation: Foundation, request: Request) -> Response:
    """End all that somebody is logged in with, links included."""
    return _json({"revoked": foundation.uaa.revoke_all((await _read(request, PasscodeBody)).user_name)})


async def _hand_out_passcode(foundation: Foundation, request: Request) -> Response:
    body = await _read(request, PasscodeBody)
    passcode = foundation.uaa.passcode_for(body.user_name)
    if passcode is None:
        raise ControlError(404, f"nobody is called {body.user_name!r}")
    return _json({"passcode": passcode}, 201)


def _app(foundation: Foundation, named: str | None) -> App:
    world = foundation.world
    if named is None:
        busy = {each.app_guid for each in world.active_deployments()}
        resting = [app for app in world.apps if app.guid not in busy]
        if not resting:
            raise ControlError(422, "every app has a rollout under way")
        return foundation.simulation.rng.choice(resting)
    known = world.apps.get(named) or next((app for app in world.apps if _place(foundation, app) == named), None)
    if known is None:
        raise ControlError(404, f"no app {named!r}: give a guid or organization/space/app")
    return known


def _place(foundation: Foundation, app: App) -> str:
    world = foundation.world
    return f"{world.organization_of(app.space_guid).name}/{world.spaces[app.space_guid].name}/{app.name}"


def _actor(foundation: Foundation, user_name: str | None, space_guid: str) -> Person:
    if user_name is None:
        return foundation.simulation.rng.choice(foundation.simulation.deployers(space_guid))
    person = next((each for each in foundation.simulation.people if each.user_name == user_name), None)
    if person is None:
        raise ControlError(404, f"nobody is called {user_name!r}")
    return person


async def _read(request: Request, kind: type[B]) -> B:
    try:
        return msgspec.json.decode(await request.body() or b"{}", type=kind)
    except msgspec.DecodeError as error:
        raise ControlError(422, str(error)) from error


def _json(value: Any, status: int = 200) -> Response:
    headers = {"cache-control": "no-store"}
    return Response(msgspec.json.encode(value), status, headers, media_type="application/json")
