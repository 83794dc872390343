"""Socket Mode: tickets, up to ten WebSocket connections, envelopes, acknowledgements, and sockets that go bad."""

import asyncio
import contextlib
import json
import uuid
from dataclasses import dataclass
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from deploybot.demo.workspace.delivery import TIMED_OUT, UNREACHABLE, Answer, Kind, Parcel
from deploybot.demo.workspace.errands import Errands
from deploybot.demo.workspace.faults import FaultBoard
from deploybot.demo.workspace.frames import Frames, frames_of
from deploybot.demo.workspace.inspector import Inspector
from deploybot.demo.workspace.records import JsonObject
from deploybot.demo.workspace.refusals import RefusedError
from deploybot.demo.workspace.state import Workspace
from deploybot.demo.workspace.timing import Timing

MAX_CONNECTIONS = 10
HOST = "applink-demo"
DISCONNECT_REASONS = ("warning", "refresh_requested", "link_disabled")


@dataclass(eq=False, slots=True)
class Connection:
    """One open socket. A dead one is open still, but loses all that is sent and hears nothing."""

    id: str
    socket: WebSocket
    frames: Frames
    dead: bool = False

    async def send(self, message: JsonObject) -> None:
        """Send, unless the socket is dead or gone: then the message is lost, as it is in life."""
        if not self.dead:
            with contextlib.suppress(WebSocketDisconnect, RuntimeError):
                await self.socket.send_text(json.dumps(message))

    def to_json(self) -> JsonObject:
        return {"id": self.id, "dead": self.dead}


class SocketMode:
    """The server's side of Socket Mode; `deliver` gives each payload to one connection, in turn.

    An acknowledgement counts whichever connection it comes over: after a reconnect it is another one.
    """

    def __init__(
        self, workspace: Workspace, timing: Timing, inspector: Inspector, faults: FaultBoard, errands: Errands
    ) -> None:
        self._workspace, self._timing, self._inspector = workspace, timing, inspector
        self._faults, self._errands = faults, errands
        self._tickets: dict[str, float] = {}
        self._connections: list[Connection] = []
        self._waiting: dict[str, asyncio.Future[Answer]] = {}
        self._turn = 0

    def connections(self) -> tuple[Connection, ...]:
        return tuple(self._connections)

    def new_ticket(self) -> str:
        ticket = self._workspace.ids.token()
        self._tickets[ticket] = self._workspace.clock.now() + self._timing.ticket
        return ticket

    async def serve(self, socket: WebSocket) -> None:
        """One connection, from its handshake to its end. A ticket opens one connection, once."""
        expires_at = self._tickets.pop(socket.query_params.get("ticket", ""), None)
        if expires_at is None or self._workspace.clock.now() > expires_at:
            await socket.close()
            return
        await socket.accept()
        connection = Connection(self._workspace.ids.of("L"), socket, frames_of(socket))
        if len(self._connections) >= MAX_CONNECTIONS:
            await self._end(connection, "too_many_websockets")
            return
        self._connections.append(connection)
        self._tell()
        try:
            await connection.send(self._hello())
            await self._listen(connection)
        finally:
            self._forget(connection)

    async def deliver(self, parcel: Parcel) -> Answer:
        """Give the payload to the next connection and wait for its acknowledgement."""
        connection = self._next()
        if connection is None:
            return UNREACHABLE
        envelope = self._envelope(parcel)
        answer = await self._acknowledgement(connection, envelope)
        shown = answer.failure or {"acknowledged": answer.body}
        self._inspector.record("to_bot", "socket", parcel.kind.value, envelope, shown)
        return answer

    async def disconnect(self, reason: str, connection_id: str | None = None) -> None:
        """Announce the end of a connection as Slack does, and end it: after some seconds for a `warning`, else now."""
        if reason not in DISCONNECT_REASONS:
            raise RefusedError("invalid_arguments", detail=f"reason: one of {', '.join(DISCONNECT_REASONS)}")
        for connection in self._chosen(connection_id):
            if reason == "warning":
                await connection.send(_farewell(reason))
                self._errands.start(self._end_later(connection))
            else:
                await self._end(connection, reason)

    def kill(self, connection_id: str | None = None) -> None:
        """Let sockets go dead: open still, but nothing is delivered, heard, or answered, no ping either."""
        for connection in self._chosen(connection_id):
            connection.dead = True
            connection.frames.mute()
        self._tell()

    def cut(self, connection_id: str | None = None) -> None:
        """Break the connections off, without a closing handshake."""
        for connection in self._chosen(connection_id):
            connection.frames.abort()

    async def _acknowledgement(self, connection: Connection, envelope: JsonObject) -> Answer:
        acknowledged: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting[envelope["envelope_id"]] = acknowledged
        try:
            await connection.send(envelope)
            return await asyncio.wait_for(acknowledged, self._timing.ack)
        except TimeoutError:
            return TIMED_OUT
        finally:
            del self._waiting[envelope["envelope_id"]]

    async def _listen(self, connection: Connection) -> None:
        with contextlib.suppress(WebSocketDisconnect):
            while True:
                text = await connection.socket.receive_text()
                if not connection.dead:
                    self._hear(text)

    def _hear(self, text: str) -> None:
        ack = _parsed(text)
        waiting = self._waiting.get(str(ack.get("envelope_id")))
        if waiting is None or waiting.done():
            self._inspector.record("from_bot", "socket", "late or unknown acknowledgement", ack)
        elif self._faults.take("delivery", "socket"):
            self._inspector.record("from_bot", "socket", "acknowledgement lost on purpose", ack)
        else:
            waiting.set_result(Answer(body=ack.get("payload")))

    def _next(self) -> Connection | None:
        if not self._connections:
            return None
        self._turn = (self._turn + 1) % len(self._connections)
        return self._connections[self._turn]

    def _chosen(self, connection_id: str | None) -> tuple[Connection, ...]:
        chosen = tuple(known for known in self._connections if connection_id in (None, known.id))
        if connection_id is not None and not chosen:
            raise RefusedError("connection_not_found")
        return chosen

    def _forget(self, connection: Connection) -> None:
        self._connections.remove(connection)
        self._tell()

    async def _end_later(self, connection: Connection) -> None:
        await asyncio.sleep(self._timing.disconnect_warning)
        if connection in self._connections:
            await self._end(connection, "refresh_requested")

    async def _end(self, connection: Connection, reason: str) -> None:
        await connection.send(_farewell(reason))
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            await connection.socket.close()

    def _hello(self) -> JsonObject:
        return {
            "type": "hello",
            "num_connections": len(self._connections),
            "debug_info": {"host": HOST, "build_number": 1, "approximate_connection_time": 18060},
            "connection_info": {"app_id": self._workspace.bot.app_id},
        }

    def _envelope(self, parcel: Parcel) -> JsonObject:
        envelope: JsonObject = {
            "envelope_id": str(uuid.UUID(hex=self._workspace.ids.token()[:32])),
            "type": parcel.kind.value,
            "payload": parcel.payload,
            "accepts_response_payload": parcel.kind is not Kind.EVENT,
        }
        if parcel.kind is Kind.EVENT:
            retry = parcel.retry
            envelope |= {
                "retry_attempt": retry.attempt if retry else 0,
                "retry_reason": retry.reason if retry else "",
            }
        return envelope

    def _tell(self) -> None:
        shown = [connection.to_json() for connection in self._connections]
        self._workspace.feed.add("connections", {"connections": shown})


def _farewell(reason: str) -> JsonObject:
    return {"type": "disconnect", "reason": reason, "debug_info": {"host": HOST}}


def _parsed(text: str) -> dict[str, Any]:
    try:
        parsed = json.loads(text)
    except ValueError:
        return {"unreadable": text}
    return parsed if isinstance(parsed, dict) else {"unreadable": text}
