"""What a look at a server's name, port and certificate comes to, as findings."""

from collections.abc import Sequence
from datetime import datetime

from deploybot.cf.certificate import certificates_in, distrust, lasting
from deploybot.cf.handshake import Obstacle, Reached
from deploybot.cf.proxy import Proxy
from deploybot.cf.server import Server
from deploybot.cf.unreachable import CONNECT_SECONDS
from deploybot.domain.finding import Finding, Level


def reached_findings(
    server: Server, reached: Reached, proxy: Proxy | None, *, skips_verification: bool, now: datetime
) -> tuple[Finding, ...]:
    """In the order of importance. One of them is a failure where the bot itself would not get through."""
    by = (_diverted(server, proxy),) if proxy else ()
    if reached.obstacle:
        stopped = _stopped(server, reached, proxy)
        return (stopped,) if stopped.check == "proxy" else (stopped, *by)
    if not server.has_tls:
        return (server.ok("connect", f"{server.named} takes connections; on loopback it needs no TLS"), *by)
    told = _of_certificate(server, reached, now)
    return (*(_skipped(server, told) if skips_verification else told), *by)


def _of_certificate(server: Server, reached: Reached, now: datetime) -> tuple[Finding, ...]:
    try:
        chain = certificates_in(reached.chain)
    except ValueError:
        chain = ()
    if reached.refusal:
        return (distrust(server, reached.refusal, chain, now),)
    trusted = server.ok("tls-trust", f"{server.named}: its certificate is trusted ({reached.version})")
    if chain:
        return (lasting(server, chain, now), trusted)
    unread = server.note("tls-expiry", f"{server.named}: its certificate can't be read, so nobody knows when it ends")
    return (unread, trusted)


def _skipped(server: Server, told: Sequence[Finding]) -> tuple[Finding, ...]:
    """Without verification nothing of it stands in the way: it is told all the same."""
    setting = server.setting("skip_tls_verify")
    risk = (
        f"{server.named} is believed without a look at its certificate ({setting}): passwords and tokens go to whoever"
    )
    found = next((each for each in told if each.level is Level.FAILURE), None)
    if found is None:
        says = f"{risk} answers there, though its certificate would be trusted"
        return (server.warning("tls-skipped", says, f"take {setting} out"), *told)
    says = f"{risk} answers there; a look would find: {found.says}"
    return (server.warning("tls-skipped", says, f"{found.fix}; then take {setting} out"),)


def _stopped(server: Server, reached: Reached, proxy: Proxy | None) -> Finding:
    """The one thing that nothing else works without."""
    words = f" ({reached.words})" if reached.words else ""
    match reached.obstacle:
        case Obstacle.NO_SUCH_NAME | Obstacle.NAME_SLOW if proxy:
            return _no_proxy(server, proxy, f"its name can't be resolved{words}")
        case Obstacle.NO_SUCH_NAME:
            says = f"the name {server.host} of the {server.part} can't be resolved{words}"
            return server.failure("dns", says, f"{_where(server)}, and the name servers that this machine asks")
        case Obstacle.NAME_SLOW:
            says = f"the name servers did not say in time where {server.host}, the {server.part}, is"
            return server.failure("dns", says, "look at the name servers that this machine asks")
        case Obstacle.PROXY_REFUSES if proxy:
            return _no_proxy(server, proxy, f"it opens no way to {server.host}:{server.port}{words}")
        case Obstacle.NOTHING_LISTENS | Obstacle.NO_ROUTE | Obstacle.CONNECT_SLOW if proxy:
            return _no_proxy(server, proxy, f"no connection to it can be made{words}")
        case Obstacle.NOTHING_LISTENS | Obstacle.NO_ROUTE | Obstacle.CONNECT_SLOW:
            return _unconnected(server, reached)
        case Obstacle.NO_TLS:
            says = f"{server.named} does not speak TLS at port {server.port}"
            return server.failure("tls-absent", says, f"{_where(server)}: perhaps the port is that of plain HTTP")
        case Obstacle.OLD_TLS:
            says = f"{server.named} speaks versions of TLS only that are not safe any more"
            return server.failure("tls-version", says, f"have whoever runs {server.host} turn on TLS 1.2 or 1.3")
    says = f"{server.named} ends the connection while TLS is agreed on{words}"
    return server.failure("tls-handshake", says, f"ask whoever runs {server.host} what stands in front of it")


def _unconnected(server: Server, reached: Reached) -> Finding:
    at = f"at {', '.join(reached.addresses)}, port {server.port}"
    wall = f"look for a firewall or a security group between here and {server.host}:{server.port}"
    if reached.obstacle is Obstacle.NOTHING_LISTENS:
        says = f"{server.named} refuses connections: nothing listens {at}"
        return server.failure("connect", says, f"{_where(server)}, and whether it runs")
    if reached.obstacle is Obstacle.CONNECT_SLOW:
        says = f"{server.named} takes no connection {at}, in {CONNECT_SECONDS:.0f} seconds at most"
        return server.failure("connect", says, wall)
    words = f" ({reached.words})" if reached.words else ""
    return server.failure("connect", f"{server.named} can't be reached {at}{words}", wall)


def _where(server: Server) -> str:
    if server.part == "API":
        return f"check the address in {server.setting('api')}"
    return f"check the address {server.origin}, which the API of {server.foundation} names"


def _diverted(server: Server, proxy: Proxy) -> Finding:
    says = f"requests to {server.host} go through the proxy {proxy.named}, as {proxy.variable} says"
    return server.note("proxy", says, f"if they should not, add {server.host} to NO_PROXY")


def _no_proxy(server: Server, proxy: Proxy, trouble: str) -> Finding:
    return server.failure(
        "proxy",
        f"{proxy.variable} sends requests to {server.host} through the proxy {proxy.named}, but {trouble}",
        f"correct {proxy.variable}, or add {server.host} to NO_PROXY",
    )
