"""Which way payloads go to the app (Socket Mode, or HTTP to a request URL), and what was sent, to be sent again."""

import itertools
from collections.abc import Callable

from deploybot.demo.workspace.delivery import Answer, Parcel, Transport
from deploybot.demo.workspace.httpdelivery import HttpDelivery
from deploybot.demo.workspace.refusals import RefusedError

KEPT = 200


class Wiring:
    """A `Transport` that uses HTTP while there is a request URL, else Socket Mode; it numbers what it delivers."""

    def __init__(self, sockets: Transport, http: Callable[[str], HttpDelivery], request_url: str | None) -> None:
        self._sockets, self._http = sockets, http
        self.request_url = request_url
        self._numbers = itertools.count(1)
        self._sent: dict[int, Parcel] = {}

    async def deliver(self, parcel: Parcel) -> Answer:
        if parcel.retry is None:
            self._remember(parcel)
        return await self._transport().deliver(parcel)

    async def redeliver(self, number: int | None = None) -> Answer:
        """Send a payload once more, unchanged: the last one, or the one of this number."""
        if not self._sent or (number is not None and number not in self._sent):
            raise RefusedError("delivery_not_found")
        return await self._transport().deliver(self._sent[max(self._sent) if number is None else number])

    async def switch(self, request_url: str | None, challenge: str) -> bool:
        """Deliver to this URL from now on, or over Socket Mode; tells whether the URL answered the challenge."""
        self.request_url = request_url
        return request_url is None or await self._http(request_url).verify(challenge)

    def _transport(self) -> Transport:
        return self._http(self.request_url) if self.request_url else self._sockets

    def _remember(self, parcel: Parcel) -> None:
        self._sent[next(self._numbers)] = parcel
        if len(self._sent) > KEPT:
            del self._sent[min(self._sent)]
