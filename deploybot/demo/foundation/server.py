"""The foundation as an ASGI application: API, UAA and control endpoints behind one address, faults in front."""

import asyncio
import random
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import msgspec
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.routing import Mount
from starlette.types import Message, Receive, Scope, Send

from deploybot.demo.foundation.accounts import Accounts
from deploybot.demo.foundation.clock import Clock
from deploybot.demo.foundation.control import control_routes
from deploybot.demo.foundation.core import Core
from deploybot.demo.foundation.discovery import Addresses, addresses
from deploybot.demo.foundation.faults import SLOW_SECONDS, hit, hit_action, hit_after, proxy_page
from deploybot.demo.foundation.foundation import Foundation
from deploybot.demo.foundation.history import furnished_world, space_named, tell_history
from deploybot.demo.foundation.instants import MINUTE, SECOND
from deploybot.demo.foundation.journal import Journal
from deploybot.demo.foundation.limits import Limits
from deploybot.demo.foundation.loading import load_world
from deploybot.demo.foundation.messages import Answer, Request
from deploybot.demo.foundation.roles import Person, people_of
from deploybot.demo.foundation.scenario import (
    Live,
    Scenario,
    accounts_in,
    clients_as_people,
    load_clients,
    load_logins,
    load_scenario,
)
from deploybot.demo.foundation.simulation import Simulation, deployers
from deploybot.demo.foundation.tokens import Minting
from deploybot.demo.foundation.uaa import Uaa
from deploybot.demo.foundation.world import World

CONTROL = "/_control"
LONGEST_REQUEST_LINE = 8190
BIGGEST_BODY = 1 << 20
LOCAL_HOSTS = ("127.0.0.1", "localhost", "testserver")

Source = str | Scenario | Mapping[str, Any]
"""The name of a scenario, a scenario, or recorded data (world, users) as `loading` reads it."""


def create_foundation(
    source: Source,
    *,
    base_url: str,
    control_token: str,
    clock: Clock | None = None,
    at: Addresses | None = None,
    limits: Limits | None = None,
    ticking: bool = True,
    seed: int = 1,
    key: bytes | None = None,
    access_seconds: int = 600,
) -> Starlette:
    """The application; `app.state.foundation` is the Foundation inside.

    `base_url` is where clients reach it, with the port: every link begins with it. With `ticking` the updater and the
    scenario's people run as long as the application does; without, only `foundation.simulation.step()` moves time.
    `key` signs the tokens; a fresh one by default.
    """
    foundation = build_foundation(
        source,
        at or addresses(base_url.rstrip("/")),
        clock or Clock(),
        limits=limits,
        seed=seed,
        key=key or secrets.token_bytes(32),
        access_seconds=access_seconds,
    )
    hosts = [*LOCAL_HOSTS, urlsplit(base_url).hostname or "localhost"]
    app = Starlette(
        routes=[Mount(CONTROL, routes=control_routes(foundation, control_token)), Mount("/", app=Edge(foundation))],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=hosts)],
        lifespan=_moving(foundation) if ticking else None,
    )
    app.state.foundation = foundation
    return app


def build_foundation(
    source: Source,
    at: Addresses,
    clock: Clock,
    *,
    limits: Limits | None,
    seed: int,
    key: bytes,
    access_seconds: int,
) -> Foundation:
    minting = Minting(key, at.uaa)
    logins, clients = load_logins(), load_clients()
    scenario = load_scenario(source) if isinstance(source, str) else source
    if isinstance(scenario, Scenario):
        world = furnished_world(scenario, clock.now())
        recorded: dict[str, Person] = {}
    else:
        world, recorded = load_world(scenario), people_of(scenario["users"])
    accounts = accounts_in(world, logins)
    people = [account.person for account in accounts.values()]
    everybody = {person.guid: person for person in people} | clients_as_people(world, clients) | recorded
    core = Core(world, everybody, at, minting, now=clock.now, speed=lambda: clock.speed, limits=limits)
    traffic = scenario.traffic if isinstance(scenario, Scenario) else None
    simulation = Simulation(core, clock, people, traffic, random.Random(seed))  # noqa: S311 - a story, not a secret
    if isinstance(scenario, Scenario):
        _begin(simulation, scenario, world, people)
    journal = Journal()
    for deployment in world.active_deployments():
        journal.note(deployment)
    world.watchers.append(journal.note)
    now_seconds = lambda: clock.now() / SECOND  # noqa: E731 - a name for a reading
    uaa = Uaa(Accounts(clients, accounts), minting, at, now_seconds=now_seconds, access_seconds=access_seconds)
    title = scenario.title if isinstance(scenario, Scenario) else "Recorded world"
    return Foundation(title, core, uaa, simulation, clock, journal, minting, at, logins)


def _begin(simulation: Simulation, scenario: Scenario, world: World, people: Sequence[Person]) -> None:
    """History first; then the rollouts that are under way, on apps that the history leaves alone in time."""
    now = simulation.core.now()
    live = {_app_named(world, each): each for each in scenario.live}
    begins = {guid: now - round(each.minutes_ago * MINUTE) - MINUTE for guid, each in live.items()}
    by_space = {space.guid: deployers(people, space.guid) for space in world.spaces}
    tell_history(world, scenario, by_space.__getitem__, lambda app: begins.get(app.guid), now)
    for guid, each in live.items():
        simulation.begin(each, guid)


def _app_named(world: World, live: Live) -> str:
    space = space_named(world, live.space)
    return next(app.guid for app in world.apps.where("space_guid", space.guid) if app.name == live.app)


class Edge:
    """Reads requests off the wire and writes answers to it; what a proxy in front would refuse is refused here."""

    def __init__(self, foundation: Foundation) -> None:
        self._foundation = foundation
        at = foundation.at
        self._uaa_prefixes = tuple(
            prefix
            for url in (at.uaa, at.login)
            if urlsplit(url).netloc == urlsplit(at.api).netloc and (prefix := urlsplit(url).path)
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body = await _body(receive)
        if body is None:
            await _reply(send, proxy_page(413))
            return
        request = _request(scope, body)
        self._foundation.hear(request.method, request.path)
        prefix = next((each for each in self._uaa_prefixes if f"{request.path}/".startswith(f"{each}/")), None)
        faults = self._foundation.faults
        await asyncio.sleep(faults.latency_ms / 1000)
        struck = hit(faults, of_uaa=prefix is not None, chance=self._foundation.chance)
        if struck == "cut":
            await _break_off(send)
        elif struck is not None:
            await _reply(send, struck)
        elif len(request.path) + len(request.query) > LONGEST_REQUEST_LINE:
            await _reply(send, proxy_page(414))
        else:
            await self._reply_to(send, request, prefix)

    async def _reply_to(self, send: Send, request: Request, prefix: str | None) -> None:
        """The answer, or what becomes of it on its way: an action that was done may never be heard of."""
        faults, chance = self._foundation.faults, self._foundation.chance
        is_action = _is_action(request)
        answer = (hit_action(faults, chance=chance) if is_action else None) or self._answer(request, prefix)
        struck = hit_after(faults, chance=chance) if is_action and answer.status == 200 else None
        if struck == "cut":
            await _break_off(send)
            return
        if struck == "slow":
            await asyncio.sleep(SLOW_SECONDS)
        await _reply(send, struck if isinstance(struck, Answer) else answer)

    def _answer(self, request: Request, prefix: str | None) -> Answer:
        if prefix is None:
            return self._foundation.core.answer(request)
        return self._foundation.uaa.answer(msgspec.structs.replace(request, path=request.path[len(prefix) :]))


def _is_action(request: Request) -> bool:
    return request.method == "POST" and "/actions/" in request.path


def _request(scope: Scope, body: bytes) -> Request:
    raw_path: bytes = scope.get("raw_path") or scope["path"].encode()
    client = scope.get("client")
    return Request(
        method=scope["method"],
        path=raw_path.partition(b"?")[0].decode("latin-1"),
        query=scope["query_string"].decode("latin-1"),
        headers={name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]},
        body=body,
        address=client[0] if client else "127.0.0.1",
    )


async def _body(receive: Receive) -> bytes | None:
    """The whole body, or None for one that is too big."""
    body = b""
    while True:
        message: Message = await receive()
        part: bytes = message.get("body", b"")
        body += part
        if len(body) > BIGGEST_BODY:
            return None
        if not message.get("more_body", False):
            return body


async def _reply(send: Send, answer: Answer) -> None:
    headers = {"content-length": str(len(answer.body)), **answer.headers}
    encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": encoded})
    await send({"type": "http.response.body", "body": answer.body})


async def _break_off(send: Send) -> None:
    """Promises more than it sends; the server then drops the connection."""
    headers = [(b"content-type", b"application/json; charset=utf-8"), (b"content-length", b"1000")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b'{"pagination"', "more_body": True})


def _moving(foundation: Foundation) -> Any:
    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        task = asyncio.create_task(foundation.simulation.run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    return lifespan
