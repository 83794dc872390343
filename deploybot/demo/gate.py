"""Lets in only who holds the address that was printed at the start, and tells browsers to stay among themselves."""

import hmac
from collections.abc import Iterable
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

REFUSAL = "Open the address that `deploybot demo` printed: it holds the key to this page.\n"


class Gate:
    """The page's address carries `token` once; from then on a cookie does, which scripts can't read.

    Guards HTTP and WebSockets alike. The cookie is named after the port, as browsers keep cookies by host alone.
    """

    def __init__(self, app: ASGIApp, token: str, cookie: str) -> None:
        self._app, self._token, self._cookie = app, token, cookie

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        by_address = scope["type"] == "http" and self._is_token(_asked(scope))
        if not by_address and not self._is_token(_from_cookies(headers.getlist("cookie"), self._cookie)):
            await _refuse(scope, receive, send)
            return
        host = headers.get("host", "")

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                fields = MutableHeaders(scope=message)
                fields.update(_protection(host))
                if by_address:
                    cookie = f"{self._cookie}={self._token}; Path=/; HttpOnly; SameSite=Strict"
                    fields.append("set-cookie", cookie)
            await send(message)

        await self._app(scope, receive, answer)

    def _is_token(self, given: str) -> bool:
        return hmac.compare_digest(given.encode(), self._token.encode())


def _protection(host: str) -> dict[str, str]:
    """Nothing from elsewhere, nothing inline, nothing to elsewhere; older browsers do not count ws: as 'self'."""
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        f"connect-src 'self' ws://{host}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return {
        "content-security-policy": policy,
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cross-origin-resource-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
    }


def _asked(scope: Scope) -> str:
    """The token in the address of the page itself; nowhere else is it looked for."""
    if scope["path"] != "/":
        return ""
    query: bytes = scope["query_string"]
    return parse_qs(query.decode("latin-1")).get("token", [""])[0]


def _from_cookies(lines: Iterable[str], name: str) -> str:
    for line in lines:
        try:
            morsel = SimpleCookie(line).get(name)
        except CookieError:
            continue
        if morsel:
            return str(morsel.value)
    return ""


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008})
    else:
        await PlainTextResponse(REFUSAL, 401)(scope, receive, send)
