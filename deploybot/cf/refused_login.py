"""Why a login server did not log the bot in, and what to do about it."""

from deploybot.cf.auth import Login
from deploybot.cf.failures import CloudFoundryError, GarbledError, LoginRefusedError, RateLimitedError
from deploybot.cf.root import rate_limited
from deploybot.cf.server import Server
from deploybot.domain.finding import Finding

WRONG_GRANT = frozenset({"unauthorized_client", "unsupported_grant_type"})
LOCKED = "locked"


def login_refused(server: Server, login: Login, error: CloudFoundryError) -> Finding:
    """The one finding about a login that did not work. No word of the server's is quoted."""
    if isinstance(error, RateLimitedError):
        return rate_limited(server, error)
    if not isinstance(error, LoginRefusedError):
        fix = f"ask whoever runs {server.host}, the login server of {server.foundation}"
        garbled = isinstance(error, GarbledError)
        return server.failure("token" if garbled else "login", f"{server.named}: {_own(error)}", fix)
    if LOCKED in error.reason.lower():
        return _failed(
            server, f"says that {_who(login)} is locked, after too many wrong logins", _unlock(server, login)
        )
    if WRONG_GRANT & set(error.titles):
        return _wrong_grant(server, login)
    if "invalid_scope" in error.titles:
        says = f"gives {_who(login)} no rights at all"
        return _failed(
            server, says, f"give it authorities there, such as cloud_controller.global_auditor ({server.host})"
        )
    if "invalid_client" in error.titles or _is_client(login):
        return _wrong_client(server, login)
    if login.refresh_token:
        fix = f"get a new one and set {server.setting('refresh_token')}; better use a UAA client"
        return _failed(server, "does not accept the refresh token: it is over, or was revoked", fix)
    fix = f"correct {server.setting('username')} and {server.setting('password')} before too many tries lock the user"
    return _failed(server, f"does not accept {_who(login)} with this password", fix)


def _is_client(login: Login) -> bool:
    return not login.username and not login.refresh_token


def _who(login: Login) -> str:
    return f"the client {login.client_id or 'cf'}" if _is_client(login) else f"the user {login.username or 'behind it'}"


def _wrong_client(server: Server, login: Login) -> Finding:
    client = login.client_id or "cf"
    settings = f"{server.setting('client_id')} and {server.setting('client_secret')}"
    return _failed(
        server,
        f"does not know the client {client}, or not with this secret",
        f"correct {settings}; `uaac client get {client}` shows whether there is such a client",
    )


def _wrong_grant(server: Server, login: Login) -> Finding:
    client, grant = login.client_id or "cf", login.form["grant_type"]
    return _failed(
        server,
        f"does not let the client {client} log in this way, by the grant {grant}",
        f"allow it at {server.host}: `uaac client update {client} --authorized_grant_types {grant}`; or log in another "
        f"way ({server.setting('username')}, {server.setting('client_id')})",
    )


def _unlock(server: Server, login: Login) -> str:
    wrong = "client_secret" if _is_client(login) else "password"
    return (
        f"correct {server.setting(wrong)}, stop whatever else logs in with a wrong one, and wait until UAA unlocks it"
    )


def _failed(server: Server, says: str, fix: str) -> Finding:
    return server.failure("login", f"{server.named} {says}", fix)


def _own(error: CloudFoundryError) -> str:
    return error.reason.removeprefix("its login server ")
