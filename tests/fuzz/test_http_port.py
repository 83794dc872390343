"""Any bytes at the port are answered or ended, and the next request is answered as if nothing had been."""

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.serving.stranger import door

LINES = st.sampled_from(
    (
        *(b"GET /name HTTP/1.1\r\n", b"POST /body HTTP/1.1\r\n", b"host: x\r\n", b"\r\n", b"0\r\n", b"HTTP/1.1"),
        *(b"content-length: 5\r\n", b"content-length: 99999999999999999999\r\n", b"5\r\nhello\r\n"),
        *(b"transfer-encoding: chunked\r\n", b"expect: 100-continue\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        b"connection: upgrade\r\nupgrade: websocket\r\n",
    )
)
SENT = st.lists(st.one_of(LINES, LINES, st.binary(max_size=30)), max_size=12).map(b"".join)


async def _sent(requests: list[bytes]) -> None:
    async with door() as at:
        for raw in requests:
            async with at.stranger() as one:
                await one.send(raw)
                one.writer.write_eof()
                told = await one.heard()
                assert not told or told.startswith(b"HTTP/1.1 "), told
                assert b"Traceback" not in told
        assert await at.answers()


@settings(max_examples=max(1, settings().max_examples // 5))
@given(st.lists(SENT, min_size=5, max_size=5))
def test_any_bytes_are_answered_or_ended(requests: list[bytes]) -> None:
    asyncio.run(_sent(requests))
