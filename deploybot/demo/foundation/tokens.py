"""Signed tokens (JWT, HS256): what the UAA writes and the API checks."""

import base64
import hashlib
import hmac
import json
from typing import Any

AUDIENCE = "cloud_controller"
HEADER = {"alg": "HS256", "typ": "JWT"}


class Minting:
    """Writes and reads tokens with one key; the issuer is the UAA's public address."""

    def __init__(self, key: bytes, issuer: str) -> None:
        self._key = key
        self.issuer = f"{issuer}/oauth/token"
        self._generation = 0

    def __repr__(self) -> str:
        return f"Minting(issuer={self.issuer!r})"

    def expire_all(self) -> None:
        """Every token written so far stops working, as if it had expired."""
        self._generation += 1

    def written(self, claims: dict[str, Any]) -> str:
        body = f"{_packed(HEADER)}.{_packed({**claims, 'rev_sig': str(self._generation)})}"
        return f"{body}.{self._signature(body)}"

    def read(self, token: str) -> dict[str, Any] | None:
        """The claims, or None when the token is malformed or not signed with this key."""
        body, _, signature = token.rpartition(".")
        if not body.isascii() or not hmac.compare_digest(self._signature(body).encode(), signature.encode()):
            return None
        claims = _unpacked(body.rpartition(".")[2])
        return claims if isinstance(claims, dict) else None

    def accepted(self, token: str, now_seconds: float) -> dict[str, Any] | None:
        """The claims of an access token that the API takes now; an expired one looks like a malformed one."""
        claims = self.read(token)
        if claims is None or claims["rev_sig"] != str(self._generation):
            return None
        if claims.get("exp", 0) <= now_seconds or claims.get("iss") != self.issuer:
            return None
        audience = claims.get("aud", ())
        for_us = audience == AUDIENCE or (isinstance(audience, list) and AUDIENCE in audience)
        identified = claims.get("user_id") or claims.get("client_id")
        if not for_us or not identified or not claims.get("jti") or claims["jti"].endswith("-r"):
            return None
        return claims

    def _signature(self, body: str) -> str:
        return _base64(hmac.new(self._key, body.encode(), hashlib.sha256).digest())


def _packed(value: dict[str, Any]) -> str:
    return _base64(json.dumps(value, separators=(",", ":")).encode())


def _unpacked(text: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
