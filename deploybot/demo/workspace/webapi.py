"""How the Web API is called: tokens, arguments in every shape Slack takes, scopes, faults, and the answer's headers."""

import asyncio
import hmac
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from deploybot.demo.workspace.cutting import CutResponse
from deploybot.demo.workspace.errands import Errands
from deploybot.demo.workspace.faults import NO_FAULT, Fault, FaultBoard
from deploybot.demo.workspace.inspector import Inspector
from deploybot.demo.workspace.methods import METHODS, Method
from deploybot.demo.workspace.methods.desk import Desk
from deploybot.demo.workspace.records import JsonObject, Message
from deploybot.demo.workspace.refusals import RefusedError


@dataclass(frozen=True, slots=True, repr=False)
class Tokens:
    """The app's two tokens: `bot` (xoxb) for all methods, `app` (xapp) for opening Socket Mode connections."""

    bot: str
    app: str


class WebApi:
    """The endpoint `/api/{method}`."""

    def __init__(self, desk: Desk, tokens: Tokens, inspector: Inspector, faults: FaultBoard, errands: Errands) -> None:
        self._desk, self._tokens, self._errands = desk, tokens, errands
        self._inspector, self._faults = inspector, faults

    async def handle(self, request: Request) -> Response:
        name = request.path_params["method"]
        fault = self._faults.take("web_api", name) or NO_FAULT
        if fault.kind == "slow":
            await request.body()  # it has come, whether or not the client still waits
            await asyncio.sleep(fault.seconds)
        headers: dict[str, str] = {}
        args: JsonObject = {}
        try:
            args = await arguments(request)
            with self._shown_after(fault.shown_after):
                body, status = self._answer(name, _token(request, args), args, fault, headers), 200
        except RefusedError as refused:
            body, status = refused.to_json(), status_of(refused)
            headers |= {} if refused.retry_after is None else {"Retry-After": str(refused.retry_after)}
        shown = {key: value for key, value in args.items() if key != "token"}
        self._inspector.record("from_bot", "web_api", name, shown, body, warnings_in(body))
        if fault.kind == "done_but_slow":
            await asyncio.sleep(fault.seconds)
        if fault.kind == "done_but_500":
            body, status = {"ok": False, "error": "internal_error"}, 500
        return CutResponse() if fault.kind == "cut" else JSONResponse(body, status, headers)

    @contextmanager
    def _shown_after(self, seconds: float) -> Iterator[None]:
        """What is posted inside is in the channel only so much later; its `ts` is of now."""
        if not seconds:
            yield
            return
        with self._desk.workspace.holding_back() as held:
            yield
        self._errands.start(self._show(held, seconds))

    async def _show(self, held: list[Message], seconds: float) -> None:
        await asyncio.sleep(seconds)
        for message in held:
            self._desk.workspace.put_message(message)

    def _answer(self, name: str, token: str, args: JsonObject, fault: Fault, headers: dict[str, str]) -> JsonObject:
        refuse_for(fault)
        method = METHODS.get(name)
        if method is None:
            raise RefusedError("unknown_method", req_method=name)
        by_app = method.app_token or (method.app_answer is not None and _same(token, self._tokens.app))
        self._refuse_token(token, by_app=by_app)
        headers |= self._scope_headers(method, by_app=by_app)
        if method.scope is not None:
            self._desk.require(method.scope)
        answer = (by_app and method.app_answer) or method.answer
        return {"ok": True, **answer(self._desk, args)}

    def _refuse_token(self, token: str, *, by_app: bool) -> None:
        if not token:
            raise RefusedError("not_authed")
        expected, other = self._tokens.bot, self._tokens.app
        if by_app:
            expected, other = other, expected
        if _same(token, other):
            raise RefusedError("not_allowed_token_type")
        if not _same(token, expected):
            raise RefusedError("invalid_auth")
        access = self._desk.access
        if refusal := access.app_refusal if by_app else access.refusal:
            raise RefusedError(refusal)

    def _scope_headers(self, method: Method, *, by_app: bool) -> dict[str, str]:
        if by_app:
            return {"x-oauth-scopes": "connections:write"}
        granted = {"x-oauth-scopes": ",".join(sorted(self._desk.scopes))}
        return granted | ({"x-accepted-oauth-scopes": method.scope} if method.scope else {})


def _same(token: str, known: str) -> bool:
    return hmac.compare_digest(token.encode(), known.encode())


def warnings_in(body: JsonObject) -> list[str]:
    warnings: list[str] = body.get("response_metadata", {}).get("warnings", [])
    return warnings


async def arguments(request: Request) -> JsonObject:
    """A method's arguments: from the query, and from a form or a JSON object in the body."""
    args: JsonObject = dict(request.query_params)
    content_type = request.headers.get("content-type", "")
    if content_type.startswith("application/json"):
        return args | _json_object(await request.body())
    return args | dict(parse_qsl((await request.body()).decode(errors="replace"), keep_blank_values=True))


def _json_object(body: bytes) -> JsonObject:
    try:
        parsed: Any = json.loads(body or b"{}")
    except ValueError:
        raise RefusedError("invalid_json") from None
    if not isinstance(parsed, dict):
        raise RefusedError("json_not_object")
    return parsed


def _token(request: Request, args: JsonObject) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" else str(args.get("token") or "")


def refuse_for(fault: Fault) -> None:
    """Refuse where a fault switch says so."""
    if fault.kind == "rate_limited":
        raise RefusedError("ratelimited", retry_after=fault.retry_after)
    if fault.kind == "internal_error":
        raise RefusedError("internal_error")


def status_of(refused: RefusedError) -> int:
    """The HTTP status of a refusal: Slack says most of them with 200."""
    if refused.retry_after is not None:
        return 429
    return 500 if refused.error == "internal_error" else 200
