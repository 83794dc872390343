"""What a foundation's `/` answers: whether it is a Cloud Foundry API at all, which version, and where one logs in."""

from dataclasses import dataclass
from urllib.parse import urlsplit

import msgspec

from deploybot.cf.answer import Answer
from deploybot.cf.auth import login_server_in
from deploybot.cf.failures import CloudFoundryError, failure, in_words
from deploybot.cf.server import Server
from deploybot.cf.wire import BAD_JSON
from deploybot.domain.finding import Finding

TESTED = (3, 228, 0)
"""The version of the v3 API with which every request and answer of the bot was tried."""
LONGEST_ADDRESS = 200


@dataclass(frozen=True, slots=True)
class Root:
    """What it says. `login` is the login server's address without a slash at its end."""

    login: str
    findings: tuple[Finding, ...]


def address_findings(server: Server) -> tuple[Finding, ...]:
    """What is wrong with the API's address as it was written; () for nothing."""
    try:
        origin, parts = server.origin, urlsplit(server.url)
    except ValueError:
        says = f"the address of the API at {server.host} has a port that is none"
        return (server.failure("api-address", says, f"write {server.setting('api')} like https://api.example.com"),)
    surplus = [
        name
        for name, there in (
            (f"the path {parts.path[:LONGEST_ADDRESS]}", parts.path.strip("/")),
            ("a question mark", parts.query),
            ("a fragment", parts.fragment),
            ("a user", parts.username is not None),
        )
        if there
    ]
    if not surplus:
        return ()
    says = f"the address of the API, {origin}, is written with {' and '.join(surplus)}, which is no part of it"
    return (server.failure("api-address", says, f'write {server.setting("api")} = "{origin}"'),)


def root_in(server: Server, answer: Answer) -> Root | Finding:
    """What the answer to `GET /` says; a finding where it is not what a Cloud Foundry API says."""
    if answer.status != 200:
        return _refused(server, answer)
    try:
        told = _ROOT.decode(answer.body)
    except BAD_JSON:
        return _no_api(server, answer)
    if not told.links:
        return _no_api(server, answer)
    try:
        login = login_server_in(server.foundation, server.url.rstrip("/"), answer.body)
    except CloudFoundryError as error:
        return server.failure("login-server", f"{server.named} {error.reason}", _about_login(server))
    by = "login" if (link := told.links.get("login")) and link.href else "uaa"
    try:
        shown = Server(server.foundation, "login server", login).origin
    except ValueError:
        says = f"{server.named} names a login server by an address with a port that is none"
        return server.failure("login-server", says, _about_login(server))
    named = server.ok("root", f"{server.named} answers like a Cloud Foundry API; one logs in at {shown} (link {by})")
    return Root(login, (named, _version(server, told)))


def unasked(server: Server, error: CloudFoundryError) -> Finding:
    """The question for `/` got no answer."""
    if not server.has_tls:
        fix = f"ask whoever runs {server.host}; if it speaks TLS there, write {server.setting('api')} with https://"
        return server.failure("root", f"{server.named} {error.reason}", fix)
    fix = f"ask whoever runs {server.host}; {server.setting('api')} says where it is"
    return server.failure("root", f"{server.named} {error.reason}", fix)


def rate_limited(server: Server, error: CloudFoundryError) -> Finding:
    """429 while being examined."""
    until = f" for another {in_words(error.retry_after)}" if error.retry_after is not None else ""
    return server.failure(
        "rate-limit",
        f"{server.named} refuses requests, since too many came{until} (HTTP 429)",
        f"wait; then see who else uses this account at {server.host}, or have its limit raised; a lower "
        "polling.rate_share or a longer polling.interval makes the bot ask less",
    )


def _refused(server: Server, answer: Answer) -> Finding:
    if 300 <= answer.status < 400:
        return _redirected(server, answer.headers.get("location", ""))
    trouble = failure(server.foundation, answer.status, answer.headers, b"")
    if answer.status == 429:
        return rate_limited(server, trouble)
    if answer.status == 404:
        router = " (the router there knows no such route)" if "x-cf-routererror" in answer.headers else ""
        says = f"{server.named} has nothing at /: HTTP 404{router}"
        fix = f"write the API's own address in {server.setting('api')}, like https://api.sys.example.com"
        return server.failure("root", says, fix)
    fix = f"ask whoever runs {server.host}; if it is another server, correct {server.setting('api')}"
    return server.failure("root", f"{server.named} {trouble.reason}", fix)


def _redirected(server: Server, location: str) -> Finding:
    to = _shown(location)
    fix = f"write the API's own address in {server.setting('api')}"
    if not to:
        return server.failure("root", f"{server.named} redirects instead of answering", fix)
    says = f"{server.named} redirects to {to} instead of answering; the bot takes no token elsewhere"
    return server.failure("root", says, f"{fix}: {to}, if that is it")


def _shown(location: str) -> str:
    """Where a redirect leads, without what may be secret in it: user, path, query. "" where nobody can tell."""
    try:
        parts = urlsplit(location)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return ""
    address = f"{parts.scheme}://{parts.hostname}{port}"
    usable = parts.scheme in ("http", "https") and parts.hostname and address.isprintable()
    return address if usable and len(address) <= LONGEST_ADDRESS else ""


def _no_api(server: Server, answer: Answer) -> Finding:
    kind = answer.headers.get("content-type", "")
    page = "html" in kind.lower() or answer.body.lstrip()[:1] == b"<"
    what = "a web page" if page else "something that is not what a Cloud Foundry API says of itself"
    return server.failure(
        "root",
        f"{server.named} answers with {what}",
        f"write the API's address in {server.setting('api')}: the one that `cf api` shows, not that of a console",
    )


def _about_login(server: Server) -> str:
    return f"check {server.setting('api')}; if it is right, have {server.host} name its login server by https"


def _version(server: Server, told: "_Told") -> Finding:
    link = told.links.get("cloud_controller_v3")
    text = link.meta.version if link and link.meta and link.meta.version else ""
    numbers = text.split(".")
    tested = ".".join(map(str, TESTED))
    if len(numbers) != 3 or not all(each.isascii() and each.isdigit() and len(each) < 7 for each in numbers):
        return server.note("api-version", f"{server.named} does not say its version; the bot was tried with {tested}")
    if tuple(map(int, numbers)) < TESTED:
        says = f"{server.named} has version {text}, older than {tested}, with which the bot was tried"
        return server.note("api-version", says, "where filters or canary steps misbehave, that may be why")
    return server.ok("api-version", f"{server.named} has version {text}; the bot was tried with {tested}")


class _Meta(msgspec.Struct):
    version: str | None = None


class _Link(msgspec.Struct):
    href: str | None = None
    meta: _Meta | None = None


class _Told(msgspec.Struct):
    links: dict[str, _Link | None]


_ROOT = msgspec.json.Decoder(_Told)
