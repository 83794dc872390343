"""The examination behind a proxy: it takes the way that the client takes, and says which."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from deploybot.cf.proxy import proxy_for
from deploybot.cf.server import Server
from tests.cf.certificates import bundle, issued, root, tls
from tests.cf.examined import checks, examined, over_tls, sound_api, the, troubles
from tests.cf.serving import serving

API = Server("eu", "API", "https://api.example.com")


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@asynccontextmanager
async def tunnelling(heard: list[bytes], status: bytes = b"200 OK") -> AsyncIterator[str]:
    """A proxy that opens tunnels, to loopback only, or answers with another status."""
    tasks: set[asyncio.Task[None]] = set()
    opened: list[asyncio.StreamWriter] = []

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while chunk := await reader.read(65536):
                writer.write(chunk)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        opened.append(writer)
        head = await reader.readuntil(b"\r\n\r\n")
        heard.append(head)
        writer.write(b"HTTP/1.1 " + status + b"\r\n\r\n")
        if not status.startswith(b"200"):
            writer.close()
            return
        host, _, port = head.split(b" ")[1].decode().partition(":")
        assert host == "127.0.0.1"
        there = await asyncio.open_connection(host, int(port))
        opened.append(there[1])
        for one in (pass_on(reader, there[1]), pass_on(there[0], writer)):
            tasks.add(asyncio.create_task(one))

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    async with server:
        yield "{}:{}".format(*server.sockets[0].getsockname())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for writer in opened:
            writer.transport.abort()


async def test_a_proxy_is_noted_and_the_certificate_behind_it_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority, heard = root(), list[bytes]()
    api = sound_api().on("/", over_tls)
    async with tunnelling(heard) as proxy, serving(api, tls(tmp_path, issued("api", authority))) as url:
        monkeypatch.setenv("HTTPS_PROXY", f"http://ann:h1dden@{proxy}")
        found = await examined(url, ca_bundle=bundle(tmp_path, authority))

    assert troubles(found) == []
    assert the(found, "proxy").says == f"requests to 127.0.0.1 go through the proxy http://{proxy}, as HTTPS_PROXY says"
    assert "tls-expiry" in checks(found)
    assert all(head.startswith(b"CONNECT 127.0.0.1:") for head in heard)
    assert all(b"proxy-authorization: basic " in head.lower() for head in heard)
    assert "h1dden" not in str(found)


async def test_a_proxy_that_opens_no_way_is_told_with_its_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    async with tunnelling([], b"407 Proxy Authentication Required") as proxy:
        monkeypatch.setenv("ALL_PROXY", f"http://{proxy}")
        found = await examined("https://127.0.0.1:1")
    assert troubles(found) == ["proxy"]
    assert the(found, "proxy").says.startswith(
        f"ALL_PROXY sends requests to 127.0.0.1 through the proxy http://{proxy}"
    )
    assert "opens no way to 127.0.0.1:1 (HTTP 407)" in the(found, "proxy").says
    assert "NO_PROXY" in the(found, "proxy").fix


@pytest.mark.parametrize(
    ("proxy", "told"),
    [
        ("http://127.0.0.1:1", "no connection to it can be made"),
        ("http://no-such-host.invalid:3128", "its name can't be resolved"),
        ("http://", "HTTPS_PROXY is no address"),
        ("http://127.0.0.1:h1dden", "holds something that can't be used"),
        ("socks5://127.0.0.1:1", "holds something that can't be used"),
    ],
)
async def test_a_proxy_that_is_of_no_use_is_told(proxy: str, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    found = await examined("https://127.0.0.1:1")
    assert troubles(found) == ["proxy"]
    assert told in the(found, "proxy").says
    assert "h1dden" not in str(found)


async def test_behind_a_proxy_with_tls_only_the_requests_themselves_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "https://127.0.0.1:1")
    found = await examined("https://127.0.0.1:1", seconds=5)
    assert "which hides what is behind it" in the(found, "proxy").says
    assert troubles(found) == ["root"]


def test_a_host_that_is_taken_out_needs_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    found = proxy_for(API)
    assert found
    assert (found.variable, found.host, found.port) == ("HTTPS_PROXY", "proxy.example", 3128)

    monkeypatch.setenv("NO_PROXY", "localhost,example.com")
    assert proxy_for(API) is None


def test_the_password_of_a_proxy_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://ann:h1dden@proxy.example")
    assert "h1dden" not in repr(proxy_for(API))
    assert "Basic" not in repr(proxy_for(API))
