"""People's own accounts at a foundation's login server (UAA): a passcode becomes a grant, which is renewed and revoked.

The answers are believed as they are: they come over TLS from the server that would sign them, so no signature of a
token is checked here. What goes wrong is told without a word of the server's, which may quote codes and tokens.
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar
from urllib.parse import quote, urlsplit

import msgspec

from deploybot.cf.answer import Answer, Send
from deploybot.cf.auth import TOKEN, UNTOLD_LIFE, Login, find_login_server, refreshing
from deploybot.cf.claims import claims_in
from deploybot.cf.failures import CloudFoundryError, GarbledError, LoginRefusedError, TooSlowError, failure
from deploybot.cf.wire import BAD_JSON
from deploybot.domain.link import SCOPES, Grant, LoginServer
from deploybot.domain.ports import PasscodeRefusedError
from deploybot.domain.secret import Secret

T = TypeVar("T")

LARGEST_ANSWER = 256 * 1024
LONGEST_TOKEN = 64 * 1024
LONGEST_NAME = 200
LONGEST_LIFE = 24 * 3600.0
TOKEN_ID = re.compile(r"[A-Za-z0-9-]{1,200}")
PASSCODE = re.compile(r"[\x21-\x7e]{1,200}")

BAD_PASSCODE = "The login server did not take this code: it works once, and for a few minutes only. Get a new one."
NOT_PERMITTED = "The login server gives this account none of the rights that Cloud Foundry asks for."
NOT_RENEWED = "the login server does not accept it any more: it was revoked, or was not used for too long"

REFUSED = frozenset({400, 401, 403})
REVOKED = frozenset({200, 204})
NOT_REVOCABLE = frozenset({401, 403, 404, 405})
OF_CLIENT = frozenset({"invalid_client", "unauthorized_client", "unsupported_grant_type"})
"""What is wrong there is the client by which the bot links: no person can do anything about it."""


class AccountServer:
    """The port `Accounts` over HTTP. `login` is the client by which people link: its id and secret are used."""

    def __init__(
        self, foundation: str, api: str, login: Login, send: Send, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._foundation = foundation
        self._api = api.rstrip("/")
        self._login = login
        self._send = send
        self._clock = clock
        self._server: str | None = None

    @property
    def name(self) -> str:
        return self._foundation

    async def login_server(self, until: float) -> LoginServer:
        """Where people get a passcode."""
        server = await self._found(until)
        return LoginServer(f"{server}/passcode", urlsplit(server).netloc)

    async def redeem(self, passcode: Secret, until: float) -> Grant:
        """Exchange a one-time passcode, asking for `domain.link.SCOPES` only. PasscodeRefusedError."""
        code = passcode.reveal().strip()
        if not PASSCODE.fullmatch(code):
            raise PasscodeRefusedError(BAD_PASSCODE)
        answer = await self._asked({"grant_type": "password", "passcode": code, "scope": " ".join(SCOPES)}, until)
        if answer.status != 200:
            raise self._refusal(answer, BAD_PASSCODE)
        return self._grant(answer, kept=None)

    async def renew(self, refresh: Secret, until: float) -> Grant:
        """A new access token, and the refresh token to keep from now on: the same one, or one that replaces it.

        No scope is asked for: what was granted stays, and UAA refuses to be asked for more than that.
        """
        answer = await self._asked(refreshing(refresh.reveal()), until)
        if answer.status != 200:
            raise self._refusal(answer, NOT_RENEWED)
        return self._grant(answer, kept=refresh)

    async def revoke(self, refresh: Secret, until: float) -> bool:
        """Have the login server forget a refresh token; whether it is of no use any more.

        UAA lets a token's owner revoke it by `DELETE /oauth/token/revoke/<id>`, but knows only tokens that it stores:
        opaque ones, by themselves, and JWTs that are revocable, by their `jti`. For others it answers 403 or 404: those
        end with their time. To revoke all that the person has of this client would end their cf CLI's login too.
        """
        try:
            grant = await self.renew(refresh, until)
        except PasscodeRefusedError:
            return True
        server = await self._found(until)
        named = quote(_token_id(grant.refresh), safe="")
        headers = {"Authorization": f"Bearer {grant.access.reveal()}", "Accept": "application/json"}
        answer = await self._within(
            until, self._send("DELETE", f"{server}/oauth/token/revoke/{named}", headers=headers)
        )
        if answer.status not in REVOKED | NOT_REVOCABLE:
            raise self._failure(answer)
        return answer.status in REVOKED

    async def _found(self, until: float) -> str:
        if self._server is None:
            try:
                self._server = await self._within(until, find_login_server(self._foundation, self._api, self._send))
            except LoginRefusedError as error:
                raise GarbledError(self._foundation, "names a login server without TLS, which gets no codes") from error
        return self._server

    async def _asked(self, form: Mapping[str, str], until: float) -> Answer:
        server = await self._found(until)
        headers = {"Authorization": self._login.basic, "Accept": "application/json"}
        return await self._within(until, self._send("POST", f"{server}/oauth/token", headers=headers, form=form))

    async def _within(self, until: float, asking: Awaitable[T]) -> T:
        try:
            async with asyncio.timeout(until - self._clock()):
                return await asking
        except TimeoutError as error:
            raise TooSlowError(self._foundation, "its login server did not answer in time") from error

    def _refusal(self, answer: Answer, told: str) -> Exception:
        """What an answer other than 200 means: the person's code or token, the bot's client, or trouble."""
        if answer.status not in REFUSED:
            return self._failure(answer)
        error = _error(answer.body)
        if error in OF_CLIENT or "UAA/client" in answer.headers.get("www-authenticate", ""):
            reason = "its login server refuses the client that links accounts: link_client_id and its secret are wrong"
            return LoginRefusedError(self._foundation, reason, status=answer.status)
        if not error:
            return self._failure(answer)
        return PasscodeRefusedError(NOT_PERMITTED if error == "invalid_scope" else told)

    def _failure(self, answer: Answer) -> CloudFoundryError:
        """Trouble by its status alone."""
        found = failure(self._foundation, answer.status, answer.headers, b"")
        return type(found)(
            self._foundation,
            f"its login server {found.reason}",
            status=found.status,
            retry_after=found.retry_after,
            request_id=found.request_id,
        )

    def _grant(self, answer: Answer, kept: Secret | None) -> Grant:
        if len(answer.body) > LARGEST_ANSWER:
            raise self._garbled("far too much")
        try:
            told = _GRANTED.decode(answer.body)
            claims = claims_in(told.access_token)
        except BAD_JSON as error:
            raise self._garbled("something that is no token") from error
        refresh = told.refresh_token or (kept.reveal() if kept else "")
        if not refresh:
            raise self._garbled("no refresh token; the client that links accounts needs that grant type")
        if not _is_token(told.access_token) or not _is_token(refresh):
            raise self._garbled("something that is no token")
        guid, account = claims.user_id, claims.user_name or claims.email
        if not _is_name(guid) or not _is_name(account):
            raise self._garbled("a token that does not say whose it is")
        scopes = tuple(dict.fromkeys((*claims.scope, *told.scope.split())))
        life = told.expires_in if told.expires_in and told.expires_in > 0 else UNTOLD_LIFE
        return Grant(Secret(told.access_token), min(life, LONGEST_LIFE), Secret(refresh), scopes, guid, account)

    def _garbled(self, what: str) -> GarbledError:
        return GarbledError(self._foundation, f"its login server sent {what}")


class _Granted(msgspec.Struct):
    access_token: str
    expires_in: float | None = None
    refresh_token: str | None = None
    scope: str = ""


_GRANTED = msgspec.json.Decoder(_Granted)


def _token_id(token: Secret) -> str:
    """By what UAA knows a token: a JWT by its `jti`, an opaque one by itself."""
    try:
        jti = claims_in(token.reveal()).jti
    except BAD_JSON:
        return token.reveal()
    return jti if TOKEN_ID.fullmatch(jti) else token.reveal()


def _error(body: bytes) -> str:
    """UAA's short name of what is wrong, "" for anything else."""
    try:
        told = msgspec.json.decode(body[:LARGEST_ANSWER])
    except BAD_JSON:
        return ""
    error = told.get("error") if isinstance(told, dict) else None
    return error if isinstance(error, str) else ""


def _is_token(text: str) -> bool:
    return len(text) <= LONGEST_TOKEN and bool(TOKEN.fullmatch(text))


def _is_name(text: str) -> bool:
    return 0 < len(text) <= LONGEST_NAME and text.isprintable() and text == text.strip()
