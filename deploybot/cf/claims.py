"""What an access token (a JWT) says of itself: whose it is, and what it may be used for."""

from base64 import urlsafe_b64decode

import msgspec


class Claims(msgspec.Struct):
    """Unchecked. A token of a person has a `user_id`, one of a client that acts itself has none."""

    user_id: str = ""
    user_name: str = ""
    email: str = ""
    client_id: str = ""
    scope: tuple[str, ...] = ()
    jti: str = ""
    iat: float | None = None
    exp: float | None = None

    @property
    def life(self) -> float | None:
        """Seconds from its making to its end; None where it does not say."""
        return None if self.iat is None or self.exp is None else self.exp - self.iat

    @property
    def user_guid(self) -> str:
        """By what the Cloud Controller knows whose token it is: to it a client is a user with its id as guid."""
        return self.user_id or self.client_id


_CLAIMS = msgspec.json.Decoder(Claims)


def claims_in(token: str) -> Claims:
    """The claims of a JWT, whose signature is not checked: it came straight from the server that signs it.

    msgspec.DecodeError where it is none.
    """
    body = token.split(".")[1] if token.count(".") == 2 else ""
    try:
        return _CLAIMS.decode(urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except ValueError as error:
        raise msgspec.DecodeError("no JWT") from error
