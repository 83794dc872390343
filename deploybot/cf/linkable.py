"""Whether people can link their accounts by the client that is set for it, found out without anybody's name or code.

The login server is asked to renew a token that is none. It looks at the client and its grants before the token, and no
account stands behind the token: nobody's failed logins are counted, as they would be for a wrong password.
"""

import msgspec

from deploybot.cf.answer import Answer
from deploybot.cf.auth import Login, refreshing
from deploybot.cf.failures import CloudFoundryError
from deploybot.cf.server import Server
from deploybot.cf.wire import BAD_JSON
from deploybot.domain.finding import Finding

PROBE = refreshing("no-token-but-a-question-whether-this-client-may-renew-tokens")
"""The form of the request."""
WRONG_GRANT = frozenset({"unauthorized_client", "unsupported_grant_type"})
WRONG_TOKEN = frozenset({"invalid_token", "invalid_grant"})


def link_unasked(server: Server, error: CloudFoundryError) -> Finding:
    """No answer."""
    says = f"nobody could find out whether people can link their accounts: {server.named} {error.reason}"
    return server.note("link-client", says, f"ask again, or look at {server.host}")


def link_judged(server: Server, link: Login, answer: Answer) -> Finding:
    """What the answer to PROBE says of the client by which people link."""
    name, error = link.client_id or "cf", _error(answer)
    if error in WRONG_GRANT:
        return server.failure(
            "link-client",
            f"{server.named} does not let the client {name}, by which people link their accounts, renew tokens",
            f"`uaac client update {name} --authorized_grant_types password,refresh_token` at {server.host}, or another "
            f"{server.setting('link_client_id')}",
        )
    if error in WRONG_TOKEN:
        says = f"people can link their accounts at {server.host} by the client {name}: the login server knows it"
        return server.ok("link-client", says)
    if answer.status == 401:
        return server.failure(
            "link-client",
            f"{server.named} does not know the client {name}, by which people link their accounts, or not with this "
            "secret",
            f"correct {server.setting('link_client_id')} and {server.setting('link_client_secret')}",
        )
    says = f"{server.named} answers HTTP {answer.status} when asked about the client {name}, by which people link"
    return server.note("link-client", says, f"try /deployments link; {server.setting('link_client_id')} may be wrong")


def _error(answer: Answer) -> str:
    """UAA's short name for what is wrong."""
    try:
        return _REFUSED.decode(answer.body).error
    except BAD_JSON:
        return ""


class _Refused(msgspec.Struct):
    error: str = ""


_REFUSED = msgspec.json.Decoder(_Refused)
