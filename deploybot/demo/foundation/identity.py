"""Finds out who is calling from the Authorization header, with the two different 401s."""

from collections.abc import Mapping

from deploybot.demo.foundation.refusals import invalid_token, not_authenticated
from deploybot.demo.foundation.roles import Caller, Person
from deploybot.demo.foundation.tokens import Minting

BEARER = "bearer"


def caller_of(
    authorization: str | None, minting: Minting, people: Mapping[str, Person], now_seconds: float
) -> Caller | None:
    """The caller, or None for an absent or unusable header."""
    token = _token(authorization)
    claims = minting.accepted(token, now_seconds) if token else None
    if claims is None:
        return None
    guid = claims.get("user_id") or claims["client_id"]
    person = people.get(guid) or Person(guid=guid, kind="user" if claims.get("user_id") else "client")
    return Caller(person, frozenset(claims["scope"]))


def required(caller: Caller | None, authorization: str | None) -> Caller:
    """The caller, or the 401 that fits: a bearer that does not work is told apart from anything else."""
    if caller is not None:
        return caller
    raise not_authenticated() if _token(authorization) is None else invalid_token()


def _token(authorization: str | None) -> str | None:
    if authorization is None or not authorization.lower().startswith(BEARER):
        return None
    return authorization[len(BEARER) :].strip()
