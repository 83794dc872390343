"""Encrypts what must not be read in the database: refresh tokens, each bound to whose it is and where it works.

Fernet (AES-128-CBC with HMAC-SHA256): https://cryptography.io/en/latest/fernet/. The first key seals, any of them
opens; what older keys sealed is sealed anew when the bot starts, so that they can be taken away then.
"""

from collections.abc import Sequence

import msgspec
from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from deploybot.domain.secret import Secret


class _Content(msgspec.Struct, frozen=True):
    """Sealed together: a row copied to another person or foundation opens as nothing."""

    user: str
    foundation: str
    text: str


_CONTENT = msgspec.json.Decoder(_Content)


class Seals:
    """Seals and opens with these keys. Without any, nothing can be sealed and nothing opens."""

    def __init__(self, keys: Sequence[Secret]) -> None:
        fernets = [Fernet(key.reveal()) for key in keys]
        self._fernet = MultiFernet(fernets) if fernets else None
        self._first = fernets[0] if fernets else None

    def __repr__(self) -> str:
        return "Seals()"

    def seal(self, secret: Secret, user: str, foundation: str) -> str:
        """ASCII text; "" for an empty secret. RuntimeError without a key."""
        if not secret:
            return ""
        if self._fernet is None:
            raise RuntimeError("there is no key to seal with")
        content = msgspec.json.encode(_Content(user, foundation, secret.reveal()))
        return self._fernet.encrypt(content).decode()

    def open(self, sealed: str, user: str, foundation: str) -> Secret | None:
        """None where no key opens it, or where it is another person's or foundation's."""
        if self._fernet is None:
            return None
        try:
            content = _CONTENT.decode(self._fernet.decrypt(sealed.encode()))
        except (InvalidToken, msgspec.DecodeError, UnicodeError):
            return None
        return Secret(content.text) if (content.user, content.foundation) == (user, foundation) else None

    def renewed(self, sealed: str) -> str | None:
        """The same sealed with the first key; None where it is already, or where no key opens it."""
        if self._fernet is None or self._first is None:
            return None
        try:
            self._first.decrypt(sealed.encode())
        except InvalidToken:
            try:
                return self._fernet.rotate(sealed.encode()).decode()
            except InvalidToken:
                return None
        return None
