"""The control endpoints, by which a page or a test acts as a person, looks around, and throws the fault switches."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute

from deploybot.demo.workspace.control.acting import Acting
from deploybot.demo.workspace.control.looking import Looking
from deploybot.demo.workspace.control.stream import Stream, is_token
from deploybot.demo.workspace.control.switches import Switches
from deploybot.demo.workspace.records import JsonObject
from deploybot.demo.workspace.refusals import RefusedError

Endpoint = Callable[[Request], Awaitable[JsonObject]]


def control_routes(
    looking: Looking, acting: Acting, switches: Switches, stream: Stream
) -> list[Route | WebSocketRoute]:
    """Every endpoint answers JSON with `ok`, and needs `Authorization: Bearer <control token>`.

    400 with `error` (and often `detail`) is what cannot be done, 401 a wrong token. The stream takes its token as
    `?token=`, since a browser sends no headers with a WebSocket.
    """
    look: dict[str, Endpoint] = {
        "workspace": looking.everything,
        "messages": looking.messages,
        "views": looking.views,
        "changes": looking.changes,
        "inspector": looking.inspected,
        "sockets": looking.list_sockets,
        "faults": looking.list_faults,
    }
    act: dict[str, Endpoint] = {
        "command": acting.command,
        "message": acting.say,
        "click": acting.click,
        "options": acting.suggest,
        "submit": acting.submit,
        "close": acting.close,
        "sockets": switches.set_sockets,
        "faults": switches.set_faults,
        "redeliver": switches.redeliver,
        "delivery": switches.set_delivery,
        "channel": switches.set_channel,
        "access": switches.set_access,
    }
    token = stream.token
    return [
        *(Route(f"/{name}", _guarded(endpoint, token), methods=["GET"]) for name, endpoint in look.items()),
        *(Route(f"/{name}", _guarded(endpoint, token), methods=["POST"]) for name, endpoint in act.items()),
        WebSocketRoute("/stream", stream.stream),
    ]


def _guarded(endpoint: Endpoint, token: str) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        if not is_token(request.headers.get("authorization", "").removeprefix("Bearer "), token):
            return JSONResponse({"ok": False, "error": "invalid_control_token"}, 401)
        try:
            return JSONResponse({"ok": True, **await endpoint(request)})
        except RefusedError as refused:
            return JSONResponse(refused.to_json(), 400)

    return answer
