"""Whether an HTTP request was signed by Slack, just now: HMAC-SHA256 over its time and its bytes.

https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

import hashlib
import hmac

WINDOW = 300
"""How many seconds a signature is good for."""


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """The signature that Slack sends along: `v0=` and 64 hexadecimal digits."""
    digest = hmac.new(secret.encode(), b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256)
    return f"v0={digest.hexdigest()}"


def is_signed(secret: str, timestamp: str, signature: str, body: bytes, now: float) -> bool:
    """Whether the signature fits and is fresh; False for anything malformed, which Slack's SDK answers with a 500."""
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return False
    if abs(now - int(timestamp)) > WINDOW:
        return False
    return hmac.compare_digest(sign(secret, timestamp, body).encode(), signature.encode())
