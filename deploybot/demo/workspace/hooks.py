"""The endpoint behind every response_url: a JSON body, `ok` as plain text, no token but the address itself."""

import asyncio
import json
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from deploybot.demo.workspace.cutting import CutResponse
from deploybot.demo.workspace.faults import NO_FAULT, FaultBoard
from deploybot.demo.workspace.inspector import Inspector
from deploybot.demo.workspace.refusals import RefusedError
from deploybot.demo.workspace.responses import Responses
from deploybot.demo.workspace.webapi import refuse_for

GONE = frozenset({"invalid_url", "expired_url", "used_url"})


class Hooks:
    def __init__(self, responses: Responses, inspector: Inspector, faults: FaultBoard) -> None:
        self._responses, self._inspector, self._faults = responses, inspector, faults

    async def handle(self, request: Request) -> Response:
        path = request.url.path.removeprefix(request.scope.get("root_path", ""))
        raw = await request.body()
        fault = self._faults.take("response_url", "response_url") or NO_FAULT
        if fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
        try:
            refuse_for(fault)
            warnings = self._responses.respond(path, _json_object(raw))
        except RefusedError as refused:
            self._inspector.record("from_bot", "response_url", path, _shown(raw), refused.to_json())
            headers = {} if refused.retry_after is None else {"Retry-After": str(refused.retry_after)}
            return JSONResponse(refused.to_json(), _status(refused), headers)
        self._inspector.record("from_bot", "response_url", path, _shown(raw), "ok", warnings)
        return CutResponse() if fault.kind == "cut" else PlainTextResponse("ok")


def _json_object(raw: bytes) -> dict[str, Any]:
    try:
        parsed = json.loads(raw)
    except ValueError:
        raise RefusedError("invalid_payload") from None
    if not isinstance(parsed, dict):
        raise RefusedError("invalid_payload")
    return parsed


def _shown(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        return raw.decode(errors="replace")


def _status(refused: RefusedError) -> int:
    if refused.retry_after is not None:
        return 429
    if refused.error == "internal_error":
        return 500
    return 404 if refused.error in GONE else 400
