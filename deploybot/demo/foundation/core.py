"""The API without a socket: one request in, one answer out, checked in the real server's order."""

import uuid
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from deploybot.demo.foundation import actions, bodies, discovery, kinds, refusals, roles
from deploybot.demo.foundation.discovery import Addresses
from deploybot.demo.foundation.entities import Deployment
from deploybot.demo.foundation.identity import caller_of, required
from deploybot.demo.foundation.instants import SECOND
from deploybot.demo.foundation.limits import EXEMPT_PATHS, Limiter, Limits
from deploybot.demo.foundation.listing import Listing
from deploybot.demo.foundation.messages import (
    Answer,
    Request,
    json_answer,
    negotiated_type,
    request_id,
    sinatra_answer,
    text_answer,
)
from deploybot.demo.foundation.moment import Moment
from deploybot.demo.foundation.paths import names_format, segments
from deploybot.demo.foundation.reading import Reader
from deploybot.demo.foundation.refusals import BreakdownError, RackError, RefusedError
from deploybot.demo.foundation.rolebook import changes_of
from deploybot.demo.foundation.roles import Caller, Person
from deploybot.demo.foundation.tokens import Minting
from deploybot.demo.foundation.world import World

LONGEST_QUERY = 10 * 1024
COLLECTIONS = {
    "deployments": kinds.DEPLOYMENTS,
    "apps": kinds.APPS,
    "spaces": kinds.SPACES,
    "organizations": kinds.ORGANIZATIONS,
    "processes": kinds.PROCESSES,
    "droplets": kinds.DROPLETS,
    "audit_events": kinds.AUDIT_EVENTS,
    "roles": kinds.ROLES,
}
SINGLES = {**COLLECTIONS, "revisions": kinds.REVISIONS}


class Core:
    """World, people and limiter of one foundation; `now` and `speed` are asked anew for each request."""

    def __init__(
        self,
        world: World,
        people: Mapping[str, Person],
        at: Addresses,
        minting: Minting,
        *,
        now: Callable[[], int],
        speed: Callable[[], float] = lambda: 1.0,
        new_guid: Callable[[], str] = lambda: str(uuid.uuid4()),
        limits: Limits | None = None,
    ) -> None:
        self.world, self.at, self.minting = world, at, minting
        self.people: dict[str, Person] = {}
        self.limiter = Limiter(limits or Limits())
        self.listing = Listing()
        self.now, self.speed, self.new_guid = now, speed, new_guid
        for person in people.values():
            self.employ(person)

    def employ(self, person: Person) -> None:
        """Somebody is there from now on, or has other roles."""
        self.people[person.guid] = person
        self.world.apply(changes_of(person, self.world, self.now()))

    def moment(self) -> Moment:
        return Moment(self.now(), self.new_guid, self.speed())

    def answer(self, request: Request) -> Answer:
        if len(request.query) > LONGEST_QUERY:
            return _query_too_long(len(request.query))
        authorization = request.headers.get("authorization")
        now_seconds = self.now() / SECOND
        caller = caller_of(authorization, self.minting, self.people, now_seconds)
        limited = self._limited(request, caller, now_seconds)
        answer = limited if isinstance(limited, Answer) else self._guarded(request, caller)
        rate_headers = {} if isinstance(limited, Answer) else limited
        identity = {"x-user-guid": caller.person.guid} if caller else {}
        tracing = {"x-vcap-request-id": request_id(request.headers)}
        answer = answer.with_headers({**rate_headers, **identity, **tracing})
        if names_format(request.path):
            answer = answer.without_header("vary")
        if request.method != "HEAD":
            return answer
        length = {"content-length": str(len(answer.body))}
        return msgspec.structs.replace(answer.with_headers(length), body=b"")

    def _limited(self, request: Request, caller: Caller | None, now_seconds: float) -> Answer | dict[str, str]:
        """The 429, or the headers that the limiter adds to the real answer."""
        authorization = request.headers.get("authorization", "")
        exempt = request.path in EXEMPT_PATHS and not request.query
        if not self.limiter.limits.enabled or exempt or authorization.lower().startswith("basic"):
            return {}
        if caller is not None and caller.is_unlimited:
            return {}
        address = request.headers.get("x-forwarded-for", request.address).partition(",")[0].strip()
        name = caller.person.guid if caller else address
        verdict = self.limiter.count(name, authenticated=caller is not None, now_seconds=now_seconds)
        if verdict.retry_after is None:
            return dict(verdict.headers)
        headers = {**verdict.headers, "retry-after": str(verdict.retry_after)}
        return _too_many(request.path, caller, bool(authorization)).with_headers(headers)

    def _guarded(self, request: Request, caller: Caller | None) -> Answer:
        try:
            return self._routed(request, caller)
        except RefusedError as refusal:
            if request.path.lstrip("/").partition("/")[0] == "v3":
                return json_answer(refusal.body(), refusal.status)
            return sinatra_answer(refusal.v2_body(), refusal.status)
        except BreakdownError:
            return json_answer(refusals.UNKNOWN_500, 500)
        except RackError:
            return text_answer(refusals.RACK_500, 500)

    def _routed(self, request: Request, caller: Caller | None) -> Answer:
        match request.method, segments(request.path):
            case (("GET" | "HEAD"), ()):
                return sinatra_answer(discovery.root(self.at))
            case (("GET" | "HEAD"), ("v2", "info")):
                user = {"user": caller.person.guid} if caller else {}
                return sinatra_answer({**discovery.v2_info(self.at), **user})
            case (("GET" | "HEAD"), ("healthz",)):
                return text_answer("OK", 200, "application/json")
            case (("GET" | "HEAD"), ("v3",)):
                return json_answer(discovery.v3_root(self.at))
            case (("GET" | "HEAD"), ("v3", "info")):
                return json_answer(discovery.v3_info(self.at, self.limiter.limits.as_info()))
            case (("GET" | "HEAD"), ("v3", *path)):
                return json_answer(self._read(tuple(path), request, caller))
            case "POST", ("v3", "deployments"):
                return self._create(request, caller)
            case "PATCH", ("v3", "deployments", guid):
                return self._label(guid, request, caller)
            case "POST", ("v3", "deployments", guid, "actions", "cancel" | "continue" as action):
                return self._act(action, guid, request, caller)
        raise refusals.unknown_request()

    def _read(self, path: tuple[str, ...], request: Request, caller: Caller | None) -> dict[str, Any]:
        url, query = f"/v3/{'/'.join(path)}", request.query

        def reader() -> Reader:
            known = required(caller, request.headers.get("authorization"))
            if not known.may_read:
                raise refusals.not_authorized()
            return Reader(self.world, self.listing, self.at, known, self.now())

        match path:
            case (collection,) if collection in COLLECTIONS:
                return reader().page(COLLECTIONS[collection], url, query)
            case (collection, guid) if collection in SINGLES:
                return reader().one(SINGLES[collection], guid, query)
            case ("apps", guid, "processes"):
                return reader().app_processes(guid, url, query)
            case ("apps", guid, "processes", kind):
                return (eyes := reader()).shown_process(eyes.app_process(guid, kind))
            case ("apps", guid, "processes", kind, "stats"):
                return (eyes := reader()).stats(eyes.app_process(guid, kind))
            case ("apps", guid, "revisions"):
                return reader().revisions(guid, url, query)
            case ("apps", guid, "revisions", "deployed"):
                return reader().deployed_revisions(guid, url, query)
            case ("apps", guid, "droplets", "current"):
                return reader().current_droplet(guid)
            case ("processes", guid, "stats"):
                return (eyes := reader()).stats(eyes.row(kinds.PROCESSES, guid))
            case ("processes", guid, "process_instances"):
                return (eyes := reader()).process_instances(eyes.row(kinds.PROCESSES, guid))
        raise refusals.unknown_request()

    def _act(self, action: str, guid: str, request: Request, caller: Caller | None) -> Answer:
        writer = self._writer(request, caller)
        bodies.parse_json(request.body)
        deployment = self.world.deployments.get(guid)
        if deployment is None or not roles.may_deploy(writer, deployment.space_guid):
            raise refusals.not_found("Deployment")
        self._refuse_closed(deployment.space_guid, writer)
        decide = actions.cancel if action == "cancel" else actions.proceed
        self.world.apply(decide(self.world, deployment, writer.person, self.moment()))
        return Answer(
            status=200,
            headers={
                "content-type": negotiated_type(request.headers.get("accept", "*/*")),
                "content-length": "0",
            },
        )

    def _label(self, guid: str, request: Request, caller: Caller | None) -> Answer:
        writer = self._writer(request, caller)
        body = bodies.parse_json(request.body)
        deployment = self.world.deployments.get(guid)
        if deployment is None or not roles.may_see_space(writer, self.world, deployment.space_guid):
            raise refusals.not_found("Deployment")
        if not roles.may_edit(writer, deployment.space_guid):
            raise refusals.not_authorized()
        self._refuse_closed(deployment.space_guid, writer)
        self.world.apply(actions.label(deployment, bodies.wanted_metadata(body), self.moment()))
        return json_answer(self._shown(guid, writer))

    def _create(self, request: Request, caller: Caller | None) -> Answer:
        writer = self._writer(request, caller)
        wanted = bodies.wanted_deployment(bodies.parse_json(request.body))
        app = self.world.apps.get(wanted.app_guid)
        if app is None or not roles.may_deploy(writer, app.space_guid):
            raise refusals.unprocessable(bodies.NO_APP)
        self._refuse_closed(app.space_guid, writer)
        changes = actions.create(self.world, wanted, writer.person, self.moment())
        self.world.apply(changes)
        created = changes[0]
        assert isinstance(created, Deployment)  # noqa: S101 - actions.create promises it
        location = {"location": f"{self.at.api}/v3/deployments/{created.guid}"}
        return json_answer(self._shown(created.guid, writer), 201).with_headers(location)

    def _shown(self, guid: str, caller: Caller) -> dict[str, Any]:
        reader = Reader(self.world, self.listing, self.at, caller, self.now())
        return kinds.DEPLOYMENTS.show(self.world.deployments[guid], reader.view())

    def _writer(self, request: Request, caller: Caller | None) -> Caller:
        known = required(caller, request.headers.get("authorization"))
        if not known.may_write:
            raise refusals.not_authorized()
        return known

    def _refuse_closed(self, space_guid: str, caller: Caller) -> None:
        """Suspended or vanishing spaces and organizations; an admin may act there all the same."""
        space, organization = self.world.spaces[space_guid], self.world.organization_of(space_guid)
        if caller.is_admin:
            return
        if organization.status == "suspended":
            raise refusals.organization_suspended()
        if space.status == "suspended":
            raise refusals.space_suspended()
        for what, entity in (("organization", organization), ("space", space)):
            if entity.status == "deleting":
                raise refusals.being_deleted(what)


def _too_many(path: str, caller: Caller | None, with_token: bool) -> Answer:
    """429 in JSON that calls itself text; a token that does not work is told so instead."""
    first = path.lstrip("/").partition("/")[0]
    if caller is None and with_token:
        return Answer(
            status=401,
            body=msgspec.json.encode(refusals.invalid_token().body()),
            headers={"content-type": "application/json"},
        )
    refusal = refusals.user_rate_limited() if caller else refusals.address_rate_limited()
    shapes = {"v3": refusal.body(), "v2": refusal.v2_body()}
    return text_answer(msgspec.json.encode(shapes.get(first)).decode(), 429)


def _query_too_long(length: int) -> Answer:
    """The HTTP server in front of the application says this, hence no request id."""
    told = (
        "Puma caught this error: HTTP element QUERY_STRING is longer than the (1024 * 10) allowed length "
        f"(was {length}) (Puma::HttpParserError)"
    )
    return text_answer(told, 400, None)
