"""Strangers who are slow, silent, many or endless get an end, and whoever asks properly is answered meanwhile."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest

from tests.serving.stranger import ASKED, LONG, SMALL, door

BODY = b"POST /body HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n"
CHUNKED = b"POST /body HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"


async def test_headers_that_drip_come_to_an_end_and_hold_nobody_up() -> None:
    async with door() as at, at.stranger() as slow:
        dripping = asyncio.create_task(slow.drips(b"GET /name HTTP/1.1\r\nx-slow: " + b"a"))
        while not dripping.done():
            assert await at.answers()
        assert (await dripping).startswith(b"HTTP/1.1 408 ")


async def test_a_body_that_drips_comes_to_an_end() -> None:
    async with door() as at, at.stranger() as slow:
        await slow.send(BODY)
        assert await slow.drips(b"a") == b""
        await at.until(lambda: "broken off" in at.asked)
        assert not [one for one in at.asked if one.startswith("body")]


async def test_who_says_nothing_at_all_is_sent_away() -> None:
    async with door() as at, at.stranger() as silent:
        assert (await silent.heard()).startswith(b"HTTP/1.1 408 ")


async def test_many_who_only_hold_the_line_keep_nobody_from_being_answered() -> None:
    async with door(replace(SMALL, seconds=60)) as at, AsyncExitStack() as held:
        for _ in range(40):
            one = await held.enter_async_context(at.stranger())
            await one.send(b"GET /name HTT")
            assert await at.answers()
            assert at.server.connections <= SMALL.connections
    assert len(at.asked) == 40


async def test_the_one_that_waited_longest_has_to_go() -> None:
    few = replace(SMALL, seconds=60, connections=2)
    async with door(few) as at, at.stranger() as first, at.stranger() as second:
        await second.send(b"GET /na")
        await at.until(lambda: at.server.connections == 2)
        assert await at.answers()
        assert await first.heard() == b""
        await second.send(b"me HTTP/1.1\r\nhost: x\r\n\r\n")
        assert (await second.answer()).endswith(b"deploybot")


@pytest.mark.parametrize(
    "head",
    [
        b"GET /name HTTP/1.1\r\nx-long: " + b"a" * 3_000,
        b"GET /name HTTP/1.1\r\nx-long: " + b"a" * 3_000 + b"\r\n\r\n",
        b"GET /name HTTP/1.1\r\n" + b"x-many: a\r\n" * 300 + b"\r\n",
        b"GET /name?" + b"a" * 3_000 + b" HTTP/1.1\r\n\r\n",
        b"GET /" + b"a" * 3_000,
    ],
    ids=["a header without end", "a long header", "many headers", "a long address", "an address without end"],
)
async def test_a_head_that_is_too_long_is_refused(head: bytes) -> None:
    async with door() as at, at.stranger() as one:
        await one.send(head)
        assert (await one.heard()).startswith(b"HTTP/1.1 431 ")
        assert at.asked == []
        assert await at.answers()


async def test_chunks_without_end_come_to_an_end() -> None:
    async with door() as at, at.stranger() as one:
        await one.send(CHUNKED)
        chunk = b"8000\r\n" + b"a" * 0x8000 + b"\r\n"
        while await one.send(chunk):
            pass
        assert (await one.heard())[:13] in (b"HTTP/1.1 413 ", b"")
        assert not [each for each in at.asked if each.startswith("body")]
        await at.until(lambda: at.server.connections == 0)


@pytest.mark.parametrize("trailer", [b"x-more: a\r\n" * 3_000, b"x-more: " + b"a" * 3_000_000])
async def test_trailers_without_end_come_to_an_end(trailer: bytes) -> None:
    async with door() as at, at.stranger() as one:
        await one.send(CHUNKED + b"1\r\na\r\n0\r\n")
        await one.send(trailer)
        await one.heard()
        await at.until(lambda: at.server.connections == 0)
        assert not [each for each in at.asked if each.startswith("body")]


async def test_where_all_hold_too_much_the_longest_request_goes_and_the_others_stay() -> None:
    wide = replace(SMALL, seconds=60, message=1_000_000)
    async with door(wide) as at, at.stranger() as big, at.stranger() as middle, at.stranger() as last:
        for one, size in ((big, 190_000), (middle, 180_000), (last, 170_000)):
            await one.send(f"POST /body HTTP/1.1\r\nhost: x\r\ncontent-length: {size + 1}\r\n\r\n".encode())
            await one.send(b"a" * size)
        assert await big.heard() == b""
        for one, size in ((middle, 180_001), (last, 170_001)):
            await one.send(b"a")
            assert (await one.answer()).endswith(str(size).encode())


async def test_requests_in_a_row_are_answered_in_their_order() -> None:
    async with door() as at, at.stranger() as one:
        await one.send(ASKED + BODY + b"a" * 1000 + ASKED)
        told = [(await one.answer()).rpartition(b"\r\n")[2] for _ in range(3)]
        assert told == [b"deploybot", b"1000", b"deploybot"]


async def test_a_flood_of_requests_in_a_row_stays_within_the_bounds() -> None:
    async with door() as at, at.stranger() as one:
        sending = asyncio.create_task(one.send(ASKED * 50_000))
        while not sending.done():
            assert await at.answers()
        one.writer.transport.abort()
        await at.until(lambda: at.server.connections == 0)


async def test_who_has_asked_and_says_that_nothing_more_comes_is_answered() -> None:
    async with door() as at, at.stranger() as one:
        await one.send(BODY + b"a" * 1000)
        one.writer.write_eof()
        assert (await one.heard()).endswith(b"1000")


async def test_who_breaks_off_amid_a_request_is_forgotten() -> None:
    async with door() as at, at.stranger() as one:
        await one.send(BODY + b"a" * 10)
        one.writer.write_eof()
        assert await one.heard() == b""
        await at.until(lambda: at.server.connections == 0)


async def test_an_idle_connection_is_closed_and_until_then_asks_again() -> None:
    async with door() as at, at.stranger() as one:
        for _ in range(3):
            await one.send(ASKED)
            assert (await one.answer()).endswith(b"deploybot")
        assert await one.heard() == b""
        assert at.asked == ["/name"] * 3


async def test_who_does_not_read_the_answer_is_given_up() -> None:
    async with door() as at, at.stranger() as one:
        await one.send(b"GET /long HTTP/1.1\r\nhost: x\r\n\r\n")
        await at.until(lambda: at.server.connections == 1)
        await at.until(lambda: at.server.connections == 0)
        assert len(await one.heard()) < LONG


@pytest.mark.parametrize(
    "raw",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"SSH-2.0-OpenSSH_9\r\n\r\n",
        b"GET /name HTTP/9.9\r\n\r\n",
        b"CONNECT example.com:443 HTTP/1.1\r\nhost: x\r\n\r\n",
        b"GET /\xff\xfe HTTP/1.1\r\nhost: x\r\n\r\n",
        b"POST /body HTTP/1.1\r\ncontent-length: -5\r\n\r\n",
        b"POST /body HTTP/1.1\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n",
        CHUNKED + b"fffffffffffffffffffff\r\n",
        CHUNKED + b"zz\r\n",
        b"GET /name HTTP/1.1\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n",
    ],
)
async def test_what_is_no_proper_request_is_refused_or_ended_and_the_next_one_is_answered(raw: bytes) -> None:
    async with door() as at, at.stranger() as one:
        await one.send(raw)
        told = await one.heard()
        assert told == b"" or told.startswith(b"HTTP/1.1 "), told
        assert b"Traceback" not in told
        assert await at.answers()
