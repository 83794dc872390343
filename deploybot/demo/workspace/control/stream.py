"""The WebSocket that tells a page of every change as it happens."""

import asyncio
import hmac
from dataclasses import dataclass, field

from starlette.websockets import WebSocket

from deploybot.demo.workspace.changes import Feed

LONGEST_SILENCE = 30.0


def is_token(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode(), expected.encode())


@dataclass(frozen=True, slots=True)
class Stream:
    feed: Feed
    token: str = field(repr=False)

    async def stream(self, socket: WebSocket) -> None:
        """Every change as it happens, from `?after=` on; the token is the query's, as browsers send no headers."""
        if not is_token(socket.query_params.get("token", ""), self.token):
            await socket.close()
            return
        await socket.accept()
        after = int(socket.query_params.get("after") or self.feed.seq)
        telling = asyncio.ensure_future(self._tell(socket, after))
        try:
            while (await socket.receive())["type"] != "websocket.disconnect":
                pass
        finally:
            telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)

    async def _tell(self, socket: WebSocket, after: int) -> None:
        await socket.send_json({"type": "hello", "seq": self.feed.seq})
        while True:
            for change in await self.feed.wait_after(after, LONGEST_SILENCE):
                await socket.send_json(change.to_json())
                after = change.seq
