"""The page's server: the bundle, the bot's process and the control endpoints of both stand-ins behind one door."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlencode

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from deploybot.demo.botprocess import BotProcess
from deploybot.demo.gate import Gate
from deploybot.demo.workspace.guard import LoopbackOnly

BUNDLE = Path(__file__).parent / "page"


class Passage:
    """Passes requests on to another application, in this process, under another path and with its own secret."""

    def __init__(
        self, app: ASGIApp, prefix: str, headers: Mapping[str, str], query: Mapping[str, str] | None = None
    ) -> None:
        self._app, self._prefix, self._query = app, prefix, urlencode(query or {}).encode()
        self._headers = [(name.encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = self._prefix + scope["path"].removeprefix(scope.get("root_path", ""))
        kept = [(name, value) for name, value in scope["headers"] if name not in (b"cookie", b"authorization")]
        query = b"&".join(filter(None, (scope["query_string"], self._query)))
        inner = {
            **scope,
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": query,
            "headers": [*kept, *self._headers],
        }
        await self._app(inner, receive, send)


def create_site(workspace: ASGIApp, foundation: ASGIApp, bot: BotProcess, *, token: str, cookie: str) -> Starlette:
    """`workspace` and `foundation` are passages to their control endpoints; `token` opens the door to everything."""

    async def show_bot(_request: Request) -> Response:
        return JSONResponse(bot.to_json())

    async def start_bot(_request: Request) -> Response:
        await bot.start()
        return JSONResponse(bot.to_json())

    return Starlette(
        routes=[
            Route("/bot", show_bot, methods=["GET"]),
            Route("/bot/start", start_bot, methods=["POST"]),
            Mount("/workspace", app=workspace),
            Mount("/foundation", app=foundation),
            Mount("/", app=StaticFiles(directory=BUNDLE, html=True)),
        ],
        middleware=[Middleware(LoopbackOnly), Middleware(Gate, token=token, cookie=cookie)],
    )
