"""The reach below a WebSocket's messages: a connection that stops answering pings, or breaks off without a word."""

from typing import Any, Protocol, cast

from starlette.websockets import WebSocket
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

EXTENSION = "deploybot.frames"


class Frames(Protocol):
    def mute(self) -> None:
        """Send nothing more, no answer to a ping either."""
        ...

    def abort(self) -> None:
        """End the TCP connection without a closing handshake."""
        ...


def frames_of(socket: WebSocket) -> Frames:
    """The reach below this connection, which only a server with `FrameProtocol` gives."""
    return cast(Frames, socket.scope["extensions"][EXTENSION])


class FrameProtocol(WebSocketsSansIOProtocol):
    """Uvicorn's WebSocket protocol, with the two ways to fail that an application cannot show by itself."""

    muted = False

    def mute(self) -> None:
        self.muted = True

    def abort(self) -> None:
        self.transport.abort()

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        scope = getattr(self, "scope", None)
        if scope is not None:
            cast(dict[str, Any], scope)["extensions"][EXTENSION] = self

    def handle_ping(self) -> None:
        if self.muted:
            self.conn.data_to_send()  # the pong that the protocol has prepared is thrown away
        else:
            super().handle_ping()

    def send_keepalive_ping(self) -> None:
        if not self.muted:
            super().send_keepalive_ping()
