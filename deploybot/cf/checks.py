"""What is looked at of a foundation, by the names that findings use; in the order in which it is looked at."""

from collections.abc import Mapping

AREA = "foundation NAME"

CHECKS: Mapping[str, tuple[str, str]] = {
    "api-address": (
        "Whether `api` is an address, without a path or anything else behind the host.",
        "Write it as `cf api` shows it.",
    ),
    "ca-bundle": (
        "Whether the file of `ca_bundle` holds certificates that can be read and are not over.",
        "Give a file with your authority's certificate, as PEM.",
    ),
    "dns": ("Whether the host's name can be resolved.", "Correct the address, or look at the name servers."),
    "proxy": (
        "Whether requests go through a proxy, by the environment, and whether it lets them pass.",
        "Correct `HTTPS_PROXY`, or add the host to `NO_PROXY`.",
    ),
    "connect": (
        "Whether the server takes connections.",
        "Look at firewalls and security groups between the bot and it, and whether it runs.",
    ),
    "tls-absent": ("Whether what listens there speaks TLS.", "Correct the address or its port."),
    "tls-version": ("Whether it speaks TLS 1.2 or newer.", "Have it turned on there."),
    "tls-handshake": ("Whether the agreement on TLS comes to an end.", "Ask what stands in front of the server."),
    "tls-trust": (
        "Whether the certificate comes from an authority that is trusted here.",
        "Put your own authority's certificate into a file, and name it in `ca_bundle`.",
    ),
    "tls-chain": (
        "Whether the server sends the certificates between its own and the authority's.",
        "Have the whole chain installed there.",
    ),
    "tls-host": ("Whether the certificate is for this host.", "Use one of its names, or have another one made."),
    "tls-self-signed": (
        "Whether the certificate is signed by nobody but itself.",
        "If it is the right one, name it in `ca_bundle`.",
    ),
    "tls-expiry": (
        "When the certificates end: a warning from 30 days before.",
        "Have them renewed before that day.",
    ),
    "tls-expired": ("Whether a certificate is over.", "Have it renewed; see whether this machine's clock is right."),
    "tls-not-yet-valid": (
        "Whether a certificate is valid already.",
        "See whether this machine's clock is right; else have another one installed.",
    ),
    "tls-skipped": (
        "Whether `skip_tls_verify` is set: whoever is in between reads the bot's credential.",
        "Take it out; give `ca_bundle` where the authority is your own.",
    ),
    "root": (
        "Whether `GET /` answers like a Cloud Foundry API.",
        "Write the API's address, as `cf api` shows it, not that of a console.",
    ),
    "api-version": (
        "The version of the API, against the one that the bot was tried with.",
        "Where filters or canary steps misbehave with an older one, upgrade.",
    ),
    "login-server": ("Whether the API names its login server.", "Ask whoever runs the API."),
    "clock": ("How far this machine's clock is from the API's.", "Set it by NTP."),
    "clock-servers": (
        "How far the clocks of the API and the login server are apart.",
        "Tell whoever runs them: tokens seem over, or not yet good.",
    ),
    "login": (
        "Whether the login server takes the bot's credential, and for how long a login lasts.",
        "Correct the client or user and its secret; unlock it there where it is locked.",
    ),
    "token": (
        "Whether the token says whose it is, and the API believes it.",
        "Ask whoever runs the foundation.",
    ),
    "read-scope": (
        "Whether the token's scopes let it read deployments.",
        "Give the account `cloud_controller.global_auditor`, or `cloud_controller.read` and roles.",
    ),
    "write-scope": (
        "Whether the token may act where the bot's own account has to, and not where it never does.",
        "Give or take `cloud_controller.write`.",
    ),
    "too-many-rights": (
        "Whether the account may more than the bot needs, such as an admin.",
        "Give the bot an account of its own with less.",
    ),
    "roles": ("How many spaces and deployments the account sees.", "Give it roles in the spaces that it shall see."),
    "act": (
        "Where the bot's own account has to act: whether it may, of at most 100 spaces.",
        "Give it the role Space Supporter there.",
    ),
    "deployments": (
        "Whether deployments can be asked for, with the filters that the bot uses.",
        "Upgrade the foundation, or ask what stands in front of it.",
    ),
    "audit-events": (
        "Whether audit events can be read: without them nobody can tell who started a deployment.",
        "Give the account a role that sees them, or `cloud_controller.global_auditor`.",
    ),
    "spaces": ("Whether spaces can be asked for.", "Ask whoever runs the foundation."),
    "limits": ("Whether the API says how much may be asked.", "Ask whoever runs the foundation."),
    "forbidden": ("Whether the API lets the account ask at all.", "Give it `cloud_controller.global_auditor`."),
    "slow": ("Whether answers come in time.", "Ask whoever runs the foundation what holds it up."),
    "latency": ("How long one answer took.", "Nothing has to be done."),
    "rate-limit": (
        "Whether the API limits requests, and whether it refuses them right now.",
        "Wait; see who else uses the account; raise the limit.",
    ),
    "rate-limit-share": (
        "Whether the polls fit into their share of the limit.",
        "Have the limit raised, raise `polling.rate_share`, or poll less often.",
    ),
    "rate-limit-left": (
        "Whether others have used up the limit.",
        "Give the bot an account that nobody else uses.",
    ),
    "link-client": (
        "Where people may link their accounts: whether the login server knows the client for it.",
        "Correct `link_client_id` and its secret, or let it renew tokens.",
    ),
    "not-looked-at": (
        "What was not looked at, since something before it failed.",
        "Mend that first, and run it again.",
    ),
}
"""What each check looks at, and what to do where it is not well."""
