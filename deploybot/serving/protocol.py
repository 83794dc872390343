"""uvicorn's HTTP, with an end to everything that a stranger could otherwise draw out: time, bytes and connections.

uvicorn itself bounds only the pause between two requests, and takes that bound back with every byte that arrives.
"""

from asyncio import TimerHandle, Transport
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from deploybot.serving.bounds import HttpBounds

SMALL = 64 * 1024
"""So many bytes of a request are looked after only by the bound of the connections."""


def bounded(bounds: HttpBounds) -> type[HttpToolsProtocol]:
    """The protocol class to serve with."""
    return type("Bounded", (BoundedHttp,), {"bounds": bounds})


class BoundedHttp(HttpToolsProtocol):
    """One connection. `waiting_since` is when it last began to wait for (the rest of) a request, in loop time."""

    bounds = HttpBounds()

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.waiting_since = self.loop.time()
        self.size = 0
        """Bytes of the exchange that goes on."""
        self._head = 0
        self._in_head = True
        self._received = True
        self._too_long_head = False
        self._deadline: TimerHandle | None = self.loop.call_later(self.bounds.seconds, self._expire)

    # what arrives

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        others = (one for one in self.connections if isinstance(one, BoundedHttp))
        if len(self.connections) > self.bounds.connections:
            _longest_waiting(others, but=self).give_up()

    def data_received(self, data: bytes) -> None:
        if not self.size and not self._is_unread:
            self._disarm()
        self._deadline = self._deadline or self.loop.call_later(self.bounds.seconds, self._expire)
        self.size += len(data)
        unfinished = self._in_head
        super().data_received(data)
        if self.transport.is_closing():
            return
        self._head += len(data) if unfinished and self._in_head else 0
        if self._head > self.bounds.head:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        elif self.size > self.bounds.message:
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        elif self.size > SMALL:
            self._keep_within_all()

    def eof_received(self) -> bool:  # type: ignore[override]
        """Whoever has sent a whole request and then nothing more is still answered."""
        if not self.is_answering:
            return False
        self.cycle.keep_alive = False
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        self._disarm()
        super().connection_lost(exc)

    # what the parser finds in it

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head, self._received, self._head = True, False, 0

    def on_header(self, name: bytes, value: bytes) -> None:
        """Those behind a chunked body count as well; what is raised here ends as a request that can't be read."""
        self._head += len(name) + len(value)
        self._check_head()
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._head += len(self.url)
        self._check_head()
        super().on_headers_complete()
        self._in_head = False

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._received = True
        self._rest()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._rest()

    def send_400_response(self, msg: str) -> None:
        if self._too_long_head:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        elif self.is_answering:
            self.transport.abort()
        else:
            super().send_400_response(msg)

    # what is made of it

    @property
    def is_answering(self) -> bool:
        """Whether a whole request is being answered: then nobody waits for anything from outside."""
        return (cycle := self._exchange) is not None and not cycle.response_complete and not cycle.more_body

    @property
    def _exchange(self) -> RequestResponseCycle | None:
        """The one that goes on, or the last one; None before the first."""
        return self.cycle

    def give_up(self) -> None:
        """Close, whatever goes on."""
        self.transport.abort()

    def _check_head(self) -> None:
        if self._head > self.bounds.head:
            self._too_long_head = True
            raise ValueError("the headers are too long")

    def _rest(self) -> None:
        """Between two requests uvicorn's own bound holds. What is sent on after its answer stays within this one's."""
        if (cycle := self._exchange) is not None and cycle.response_complete and self._received:
            if not self._is_unread:
                self._disarm()
            self.size, self._head, self._in_head = 0, 0, True
            self.waiting_since = self.loop.time()

    @property
    def _is_unread(self) -> bool:
        """Whether the other side has still to take what was said."""
        return self.transport.get_write_buffer_size() > 0

    def _disarm(self) -> None:
        if self._deadline:
            self._deadline.cancel()
            self._deadline = None

    def _expire(self) -> None:
        self._deadline = None
        if self._is_unread:
            self.transport.abort()
        elif self.size or self._exchange is None:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT)

    def _keep_within_all(self) -> None:
        """Give up the longest request where all together hold too much."""
        everybody = [one for one in self.connections if isinstance(one, BoundedHttp)]
        if sum(one.size for one in everybody) > self.bounds.held:
            max(everybody, key=lambda one: one.size).give_up()

    def _refuse(self, status: HTTPStatus) -> None:
        """Say so where no answer has begun, and close."""
        cycle = self._exchange
        if cycle is not None and not (cycle.response_complete and self._received):
            self.transport.abort()
        if self.transport.is_closing():
            return
        told = f"HTTP/1.1 {status.value} {status.phrase}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
        self.transport.write(told.encode())
        self.transport.close()


def _longest_waiting(connections: Iterable[BoundedHttp], but: BoundedHttp) -> BoundedHttp:
    """Whoever waits longest for a stranger's bytes; the newest where all others are being answered."""
    waiting = [one for one in connections if one is not but and not one.is_answering]
    return min(waiting, key=lambda one: one.waiting_since, default=but)
