"""The workspace as one ASGI app: Web API, Socket Mode, response_urls and the control endpoints, wired together."""

import secrets
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Mount, Route, WebSocketRoute

from deploybot.demo.workspace.control import control_routes
from deploybot.demo.workspace.control.acting import Acting
from deploybot.demo.workspace.control.looking import Looking
from deploybot.demo.workspace.control.stream import Stream
from deploybot.demo.workspace.control.switches import Switches
from deploybot.demo.workspace.errands import Errands
from deploybot.demo.workspace.faults import FaultBoard
from deploybot.demo.workspace.grants import Grants
from deploybot.demo.workspace.guard import LoopbackOnly
from deploybot.demo.workspace.hooks import Hooks
from deploybot.demo.workspace.httpdelivery import HttpDelivery
from deploybot.demo.workspace.ids import Ids
from deploybot.demo.workspace.inspector import Inspector
from deploybot.demo.workspace.interactions import Interactions, Rules
from deploybot.demo.workspace.manifest import parse_manifest
from deploybot.demo.workspace.methods.desk import Desk
from deploybot.demo.workspace.people import Cast, a_small_shop
from deploybot.demo.workspace.records import JsonObject
from deploybot.demo.workspace.responses import Responses
from deploybot.demo.workspace.socketmode import SocketMode
from deploybot.demo.workspace.state import Workspace
from deploybot.demo.workspace.timing import Clock, SystemClock, Timing
from deploybot.demo.workspace.webapi import Tokens, WebApi
from deploybot.demo.workspace.wiring import Wiring


def create_workspace(
    manifest: JsonObject,
    *,
    public_url: str,
    bot_token: str,
    app_token: str,
    signing_secret: str,
    control_token: str,
    clock: Clock | None = None,
    timing: Timing | None = None,
    cast: Cast | None = None,
    request_url: str | None = None,
    scopes: Iterable[str] | None = None,
    entities_in_commands: bool = False,
    origins: Iterable[str] = (),
    new_token: Callable[[], str] | None = None,
) -> Starlette:
    """A workspace with the manifest's app installed, to be served at `public_url` (see `serving.served`).

    Tokens and secret are what the bot is started with; `control_token` guards `/_control`. `request_url` switches to
    HTTP delivery, `scopes` are the granted ones if they differ from the manifest's, `entities_in_commands` lets
    commands arrive with `&gt;` for `>`, `origins` are pages elsewhere that may use the control endpoints.
    """
    app = parse_manifest(manifest)
    app = replace(app, request_url=request_url or app.request_url)
    clock, timing = clock or SystemClock(), timing or Timing()
    ids = Ids(new_token or (lambda: secrets.token_hex(16)))
    workspace = Workspace(cast or a_small_shop(app.bot_name), clock, ids)
    tokens = (bot_token, app_token, signing_secret, control_token)
    inspector = Inspector(clock, workspace.feed, tokens)
    errands, faults = Errands(), FaultBoard()
    grants = Grants(clock, ids, timing, workspace.team.id)
    responses = Responses(workspace, grants)
    sockets = SocketMode(workspace, timing, inspector, faults, errands)
    client = httpx.AsyncClient(trust_env=False)

    def http(url: str) -> HttpDelivery:
        return HttpDelivery(
            url,
            client=client,
            signing_secret=signing_secret,
            clock=clock,
            timing=timing,
            inspector=inspector,
        )

    wiring = Wiring(sockets, http, app.request_url)
    rules = Rules(public_url.rstrip("/"), timing, entities_in_commands)
    interactions = Interactions(workspace, app, wiring, grants, responses, errands, rules)
    granted = frozenset(app.bot_scopes if scopes is None else scopes)
    socket_base = "ws" + rules.public_url.removeprefix("http")
    desk = Desk(workspace, grants, timing, granted, lambda: f"{socket_base}/link?ticket={sockets.new_ticket()}")
    web_api = WebApi(desk, Tokens(bot_token, app_token), inspector, faults)
    hooks = Hooks(responses, inspector, faults)
    controls = control_routes(
        Looking(workspace, app, wiring, sockets, inspector, faults),
        Acting(workspace, interactions),
        Switches(workspace, wiring, sockets, faults),
        Stream(workspace.feed, control_token),
    )

    allowed = tuple(origins)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        await errands.stop()
        await client.aclose()

    return Starlette(
        routes=[
            Route("/api/{method}", web_api.handle, methods=["GET", "POST"]),
            WebSocketRoute("/link", sockets.serve),
            Route("/commands/{rest:path}", hooks.handle, methods=["POST"]),
            Route("/actions/{rest:path}", hooks.handle, methods=["POST"]),
            Mount("/_control", routes=controls),
        ],
        middleware=[
            Middleware(LoopbackOnly, origins=allowed),
            Middleware(CORSMiddleware, allow_origins=allowed, allow_headers=["authorization", "content-type"]),
        ],
        lifespan=lifespan,
    )
