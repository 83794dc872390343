"""The workspace as one ASGI app: Web API, Socket Mode, response_urls and the control endpoints, wired together."""

import secrets
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial

import httpx
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute

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
from deploybot.demo.workspace.manifest import App, parse_manifest
from deploybot.demo.workspace.methods.desk import Access, Desk
from deploybot.demo.workspace.people import Cast, a_small_shop
from deploybot.demo.workspace.records import JsonObject
from deploybot.demo.workspace.responses import Responses
from deploybot.demo.workspace.socketmode import SocketMode
from deploybot.demo.workspace.state import Workspace
from deploybot.demo.workspace.suggesting import Suggestions
from deploybot.demo.workspace.timing import Clock, SystemClock, Timing
from deploybot.demo.workspace.webapi import Tokens, WebApi
from deploybot.demo.workspace.wiring import Wiring


@dataclass(frozen=True, slots=True, repr=False)
class Parts:
    """What everything else is wired from."""

    workspace: Workspace
    app: App
    rules: Rules
    scopes: frozenset[str]
    tokens: Tokens
    inspector: Inspector
    grants: Grants
    faults: FaultBoard = field(default_factory=FaultBoard)
    errands: Errands = field(default_factory=Errands)


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
    `app.state.workspace` is the Workspace inside.
    """
    app = parse_manifest(manifest)
    if request_url:
        app = replace(app, request_url=request_url, options_url=app.options_url if app.request_url else request_url)
    clock, ids = clock or SystemClock(), Ids(new_token or (lambda: secrets.token_hex(16)))
    workspace = Workspace(cast or a_small_shop(app.bot_name), clock, ids)
    parts = Parts(
        workspace=workspace,
        app=app,
        rules=Rules(public_url.rstrip("/"), timing or Timing(), entities_in_commands),
        scopes=frozenset(app.bot_scopes if scopes is None else scopes),
        tokens=Tokens(bot_token, app_token),
        inspector=Inspector(clock, workspace.feed, (bot_token, app_token, signing_secret, control_token)),
        grants=Grants(clock, ids, timing or Timing(), workspace.team.id),
    )
    client = httpx.AsyncClient(trust_env=False)
    routes = _routes(parts, _http_delivery(parts, client, signing_secret), control_token)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        await parts.errands.stop()
        await client.aclose()

    app_here = Starlette(routes=routes, middleware=_middleware(tuple(origins)), lifespan=lifespan)
    app_here.state.workspace = workspace
    return app_here


def _http_delivery(parts: Parts, client: httpx.AsyncClient, signing_secret: str) -> Callable[[str], HttpDelivery]:
    return partial(
        HttpDelivery,
        client=client,
        signing_secret=signing_secret,
        clock=parts.workspace.clock,
        timing=parts.rules.timing,
        inspector=parts.inspector,
    )


def _routes(parts: Parts, http: Callable[[str], HttpDelivery], control_token: str) -> list[BaseRoute]:
    workspace, rules, inspector, faults = parts.workspace, parts.rules, parts.inspector, parts.faults
    sockets = SocketMode(workspace, rules.timing, inspector, faults, parts.errands)
    wiring = Wiring(sockets, http, parts.app.request_url)
    responses = Responses(workspace, parts.grants)
    suggestions = Suggestions(workspace, parts.app, wiring)
    acting = Interactions(workspace, parts.app, wiring, parts.grants, responses, parts.errands, rules, suggestions)
    link = "ws" + rules.public_url.removeprefix("http") + "/link?ticket="
    access = Access(parts.scopes, messages_tab=parts.app.messages_tab)
    desk = Desk(workspace, parts.grants, rules.timing, access, lambda: link + sockets.new_ticket())
    hooks = Hooks(responses, inspector, faults)
    controls = control_routes(
        Looking(workspace, parts.app, wiring, sockets, inspector, faults),
        Acting(workspace, acting),
        Switches(workspace, wiring, sockets, faults, access),
        Stream(workspace.feed, control_token),
    )
    return [
        Route(
            "/api/{method}",
            WebApi(desk, parts.tokens, inspector, faults, parts.errands).handle,
            methods=["GET", "POST"],
        ),
        WebSocketRoute("/link", sockets.serve),
        Route("/commands/{rest:path}", hooks.handle, methods=["POST"]),
        Route("/actions/{rest:path}", hooks.handle, methods=["POST"]),
        Mount("/_control", routes=controls),
    ]


def _middleware(origins: tuple[str, ...]) -> list[Middleware]:
    headers = ["authorization", "content-type"]
    return [
        Middleware(LoopbackOnly, origins=origins),
        Middleware(CORSMiddleware, allow_origins=origins, allow_headers=headers),
    ]
