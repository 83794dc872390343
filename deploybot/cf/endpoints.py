"""What kind of request a path is, for figures and traces: from a closed set of words, with no guid in it."""

OTHER = "other"

LOGIN = "/oauth/token"
REVOKE = "/oauth/token/revoke/"

ENDPOINTS = frozenset(
    {
        "/",
        "/v3/apps",
        "/v3/audit_events",
        "/v3/deployments",
        "/v3/deployments/:guid",
        "/v3/deployments/:guid/actions/cancel",
        "/v3/deployments/:guid/actions/continue",
        "/v3/info",
        "/v3/organizations",
        "/v3/processes",
        "/v3/revisions/:guid",
        "/v3/roles",
        "/v3/spaces",
    }
)
"""Of Cloud Controller; the login server's are LOGIN and REVOKE, wherever it is."""

_WORDS = frozenset(word for endpoint in ENDPOINTS for word in endpoint.split("/")) - {":guid"}


def endpoint_of(path: str) -> str:
    """`/v3/deployments/:guid` for a path without its query; OTHER for what the bot does not ask by itself."""
    if path.endswith(LOGIN):
        return LOGIN
    if REVOKE in path:
        return f"{REVOKE}:id"
    shape = "/".join(word if word in _WORDS else ":guid" for word in path.split("/")) or "/"
    return shape if shape in ENDPOINTS else OTHER
