"""An answer that never arrives: the connection ends after the headers, as it does when a server goes down."""

from starlette.responses import Response
from starlette.types import Receive, Scope, Send


class CutResponse(Response):
    """Promises one byte and sends none, so that the server ends the connection and the client sees an error."""

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        headers = [(b"content-length", b"1"), (b"connection", b"close")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
