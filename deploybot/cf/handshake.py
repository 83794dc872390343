"""Connects to a server as far as it lets one: name, connection, TLS. No token and no request is sent over it."""

import asyncio
import socket
import ssl
from dataclasses import dataclass
from enum import Enum
from typing import Any

from deploybot.cf.certificate import Refusal
from deploybot.cf.proxy import Proxy
from deploybot.cf.server import Server
from deploybot.cf.unreachable import CONNECT_SECONDS

LONGEST_REPLY = 16 * 1024
NEXT_ADDRESS_SECONDS = 0.25
SHOWN_ADDRESSES = 4


class Obstacle(Enum):
    """How far one did not get."""

    NO_SUCH_NAME = "no such name"
    NAME_SLOW = "name slow"
    NOTHING_LISTENS = "nothing listens"
    NO_ROUTE = "no route"
    CONNECT_SLOW = "connect slow"
    PROXY_REFUSES = "proxy refuses"
    NO_TLS = "no tls"
    OLD_TLS = "old tls"
    TLS_BROKEN = "tls broken"


@dataclass(frozen=True, slots=True)
class Reached:
    """What came of it. `obstacle` where one did not get through to the end of the handshake, `words` the system's for
    it; `refusal` where the certificate was not trusted; `chain` as the server sent it, in DER, whether trusted or not.
    """

    addresses: tuple[str, ...] = ()
    obstacle: Obstacle | None = None
    words: str = ""
    refusal: Refusal | None = None
    version: str = ""
    chain: tuple[bytes, ...] = ()


class _StoppedError(Exception):
    def __init__(self, obstacle: Obstacle, words: str = "") -> None:
        super().__init__(words)
        self.obstacle, self.words = obstacle, words


async def reach(server: Server, trust: ssl.SSLContext, proxy: Proxy | None, until: float) -> Reached:
    """Connect, and shake hands as somebody who trusts like `trust`; where that fails, once more to see the chain.

    `until` is a deadline on the loop's clock.
    """
    addresses: tuple[str, ...] = ()
    try:
        addresses = await _resolved(*((proxy.host, proxy.port) if proxy else server.place), until)
        if not server.has_tls:
            await _let_go(await _connected(server, proxy, until))
            return Reached(addresses)
        try:
            version, chain = await _shaken(server, trust, proxy, until)
            return Reached(addresses, version=version, chain=chain)
        except ssl.SSLCertVerificationError as error:
            version, chain = await _shaken(server, _trusting_anybody(), proxy, until)
            refusal = Refusal(error.verify_code, error.verify_message)
            return Reached(addresses, refusal=refusal, version=version, chain=chain)
    except _StoppedError as stopped:
        return Reached(addresses, stopped.obstacle, stopped.words)


async def _resolved(host: str, port: int, until: float) -> tuple[str, ...]:
    try:
        async with asyncio.timeout_at(until):
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except TimeoutError as error:
        raise _StoppedError(Obstacle.NAME_SLOW) from error
    except (OSError, UnicodeError) as error:
        raise _StoppedError(Obstacle.NO_SUCH_NAME, _words(error)) from error
    return tuple(dict.fromkeys(str(each[4][0]) for each in found))[:SHOWN_ADDRESSES]


async def _connected(
    server: Server, proxy: Proxy | None, until: float
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection, behind the proxy a tunnel."""
    host, port = (proxy.host, proxy.port) if proxy else server.place
    try:
        async with asyncio.timeout_at(_soon(until)):
            stream = await asyncio.open_connection(
                host, port, limit=LONGEST_REPLY, happy_eyeballs_delay=NEXT_ADDRESS_SECONDS
            )
    except TimeoutError as error:
        raise _StoppedError(Obstacle.CONNECT_SLOW) from error
    except ConnectionRefusedError as error:
        raise _StoppedError(Obstacle.NOTHING_LISTENS) from error
    except OSError as error:  # without a number where several addresses failed, each in its own way
        raise _StoppedError(Obstacle.NO_ROUTE, _words(error) if error.errno else "") from error
    if proxy and server.has_tls:
        await _tunnel(*stream, server, proxy, until)
    return stream


async def _tunnel(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, server: Server, proxy: Proxy, until: float
) -> None:
    """Ask the proxy for a way through. https://www.rfc-editor.org/rfc/rfc9110#name-connect"""
    host = f"[{server.host}]" if ":" in server.host else server.host
    lines = [f"CONNECT {host}:{server.port} HTTP/1.1", f"Host: {host}:{server.port}"]
    lines += [f"Proxy-Authorization: {proxy.authorization}"] if proxy.authorization else []
    try:
        async with asyncio.timeout_at(until):
            writer.write("\r\n".join([*lines, "", ""]).encode())
            reply = await reader.readuntil(b"\r\n\r\n")
    except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
        await _let_go((reader, writer))
        raise _StoppedError(Obstacle.PROXY_REFUSES, "it does not answer") from error
    status = reply[:64].split(b" ")[1:2]
    if status != [b"200"]:
        await _let_go((reader, writer))
        number = status[0].decode("ascii", "replace")[:3] if status else ""
        raise _StoppedError(Obstacle.PROXY_REFUSES, f"HTTP {number}" if number.isdigit() else "no answer of a proxy")


async def _shaken(
    server: Server, context: ssl.SSLContext, proxy: Proxy | None, until: float
) -> tuple[str, tuple[bytes, ...]]:
    """The version of TLS and the chain. SSLCertVerificationError where the context does not trust it."""
    reader, writer = await _connected(server, proxy, until)
    try:
        async with asyncio.timeout_at(_soon(until)):
            await writer.start_tls(context, server_hostname=server.host)
        tls: ssl.SSLObject = writer.get_extra_info("ssl_object")
        return tls.version() or "TLS", _sent(tls)
    except TimeoutError as error:
        raise _StoppedError(Obstacle.TLS_BROKEN, "it does not answer in time") from error
    except ssl.SSLCertVerificationError:
        raise
    except ssl.SSLError as error:
        raise _StoppedError(*_tls_trouble(error)) from error
    except OSError as error:
        raise _StoppedError(Obstacle.TLS_BROKEN, _words(error)) from error
    finally:
        await _let_go((reader, writer))


def _soon(until: float) -> float:
    """As long as the client waits for a connection, and for its TLS."""
    return min(until, asyncio.get_running_loop().time() + CONNECT_SECONDS)


async def _let_go(stream: tuple[asyncio.StreamReader, asyncio.StreamWriter]) -> None:
    """Hang up without a farewell: a server that answers none would hold us up.

    Nor is `wait_closed` waited for: after a handshake that failed, nobody tells the writer that its end has come.
    """
    stream[1].transport.abort()
    await asyncio.sleep(0)


def _sent(tls: ssl.SSLObject) -> tuple[bytes, ...]:
    """The chain as the server sent it. Python has a public method for it from 3.13 on; before, at least the first."""
    public: Any = getattr(tls, "get_unverified_chain", None)
    if public:
        return tuple(public() or ())
    inner: Any = getattr(getattr(tls, "_sslobj", None), "get_unverified_chain", None)
    if inner:
        return tuple(ssl.PEM_cert_to_DER_cert(each.public_bytes()) for each in inner() or ())
    own = tls.getpeercert(binary_form=True)
    return (own,) if own else ()


def _trusting_anybody() -> ssl.SSLContext:
    """To look at a certificate only: whatever is learned of a server so, nothing is told it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


_NO_TLS = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG")
_OLD_TLS = ("UNSUPPORTED_PROTOCOL", "PROTOCOL_VERSION", "NO_PROTOCOLS_AVAILABLE")


def _tls_trouble(error: ssl.SSLError) -> tuple[Obstacle, str]:
    reason = str(error.reason or "")
    if any(each in reason for each in _NO_TLS):
        return Obstacle.NO_TLS, ""
    if any(each in reason for each in _OLD_TLS):
        return Obstacle.OLD_TLS, ""
    return Obstacle.TLS_BROKEN, reason.replace("_", " ").lower() or "it hung up"


def _words(error: OSError | UnicodeError) -> str:
    strerror = error.strerror if isinstance(error, OSError) else None
    return (strerror or "it hung up").rstrip(".").lower()
