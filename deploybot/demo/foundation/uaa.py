"""The UAA: tokens for clients, people, refreshes and passcodes, with its own shapes of errors and a passcode page."""

import base64
import binascii
import html
import secrets
import uuid
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from deploybot.demo.foundation.accounts import Account, Accounts, Client
from deploybot.demo.foundation.discovery import Addresses
from deploybot.demo.foundation.messages import Answer, Request
from deploybot.demo.foundation.tokens import AUDIENCE, Minting

JSON = "application/json;charset=UTF-8"
REFRESH_SECONDS = 30 * 24 * 3600
BAD_CREDENTIALS = "Bad credentials"
REVOKE = "oauth/token/revoke/"
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>
<style>body{{font:16px system-ui;max-width:24rem;margin:4rem auto}}input,button{{display:block;width:100%;
margin:.5rem 0;padding:.5rem;font:inherit;box-sizing:border-box}}code{{font-size:1.5rem}}</style>
<h1>{title}</h1>{content}</html>"""
FORM = """<form method="post"><label>User name <input name="username" autofocus></label>
<label>Password <input name="password" type="password"></label><button>Show passcode</button></form>{problem}
<p>This server is simulated. Who there is, with a password each:</p><ul>{people}</ul>"""
TITLE = "Temporary authentication code"


class OauthError(Exception):
    """An error in the UAA's shape."""

    def __init__(self, status: int, error: str, description: str, *, challenge: bool = False) -> None:
        super().__init__(description)
        self.status, self.error, self.description, self.challenge = status, error, description, challenge

    def answer(self) -> Answer:
        realm = f'Basic realm="UAA/client", error="unauthorized", error_description="{self.description}"'
        headers = {"www-authenticate": realm} if self.challenge else {}
        return _json({"error": self.error, "error_description": self.description}, self.status).with_headers(headers)


class Uaa:
    """Answers everything below the UAA's and the login server's addresses; paths come without these prefixes."""

    def __init__(
        self,
        accounts: Accounts,
        minting: Minting,
        at: Addresses,
        *,
        now_seconds: Callable[[], float],
        access_seconds: int = 600,
        new_code: Callable[[], str] = lambda: secrets.token_urlsafe(8),
    ) -> None:
        self.accounts, self.at = accounts, at
        self._minting, self._now, self._access_seconds, self._new_code = minting, now_seconds, access_seconds, new_code
        self._revoked: set[str] = set()
        self._owners: dict[str, tuple[str, str]] = {}
        self.rotates = False

    def answer(self, request: Request) -> Answer:
        try:
            return self._routed(request)
        except OauthError as error:
            return error.answer()

    def passcode_for(self, user_name: str) -> str | None:
        """A code for somebody who logged in elsewhere, None for nobody."""
        account = self.accounts.named(user_name)
        return self.accounts.hand_out(account, self._now(), self._new_code) if account else None

    def _routed(self, request: Request) -> Answer:
        match request.method, request.path.strip("/"):
            case "POST", "oauth/token":
                return self._token(request)
            case _, "oauth/token":
                raise OauthError(405, "method_not_allowed", f"Request method '{request.method}' not supported")
            case "DELETE", path if path.startswith(REVOKE):
                return self._revoke(request, path.removeprefix(REVOKE))
            case "GET", ".well-known/openid-configuration":
                return _json(self._configuration())
            case "GET", "login" | "":
                return _json(self._prompts())
            case "GET", "passcode":
                return _page(TITLE, self._form())
            case "POST", "passcode":
                return self._passcode(request)
        raise OauthError(404, "not_found", "Not found")

    def _token(self, request: Request) -> Answer:
        if request.query:
            raise OauthError(400, "invalid_request", "Parameters in the query string are not accepted")
        form = _form(request)
        client = self._client(request, form)
        grant = form.get("grant_type", "")
        if grant not in ("client_credentials", "password", "refresh_token"):
            raise OauthError(400, "unsupported_grant_type", f"Unsupported grant type: {grant}")
        if grant not in client.grants:
            raise OauthError(401, "unauthorized_client", f"Unauthorized grant type: {grant}")
        if grant == "client_credentials":
            return _json(self._written(client, None, narrowed(client.authorities, form.get("scope"))))
        if grant == "password":
            account = self._logged_in(form)
            return _json(self._written(client, account, self._scopes(client, account, form.get("scope"))))
        return _json(self._refreshed(client, form))

    def _client(self, request: Request, form: Mapping[str, str]) -> Client:
        named = _basic(request.headers.get("authorization", ""))
        client_id, secret = named or (form.get("client_id", ""), form.get("client_secret", ""))
        client = self.accounts.client(client_id, secret)
        if client is None:
            raise OauthError(401, "invalid_client", BAD_CREDENTIALS, challenge=True)
        return client

    def _logged_in(self, form: Mapping[str, str]) -> Account:
        if "passcode" in form:
            account = self.accounts.redeem(form["passcode"], self._now())
        else:
            account = self.accounts.account(form.get("username", ""), form.get("password", ""))
        if account is None:
            raise OauthError(401, "unauthorized", "Invalid passcode" if "passcode" in form else BAD_CREDENTIALS)
        return account

    def _refreshed(self, client: Client, form: Mapping[str, str]) -> dict[str, Any]:
        claims = self._minting.read(form.get("refresh_token", "")) or {}
        account = self.accounts.account_of(claims.get("user_id", ""))
        stale = claims.get("exp", 0) <= self._now() or claims.get("jti") in self._revoked
        if account is None or stale or claims.get("cid") != client.id or not claims["jti"].endswith("-r"):
            raise OauthError(401, "invalid_token", "The refresh token is invalid, expired or revoked")
        written = self._written(client, account, narrowed(tuple(claims["scope"]), form.get("scope")))
        if self.rotates:
            self._revoked.add(claims["jti"])
            return written
        return {**written, "refresh_token": form["refresh_token"]}

    def _scopes(self, client: Client, account: Account, wanted: str | None) -> tuple[str, ...]:
        allowed = tuple(scope for scope in account.person.scopes if scope in client.scopes)
        return narrowed(allowed, wanted)

    def _written(self, client: Client, account: Account | None, scopes: tuple[str, ...]) -> dict[str, Any]:
        now = int(self._now())
        jti = uuid.uuid4().hex
        claims: dict[str, Any] = {
            "jti": jti,
            "iss": self._minting.issuer,
            "iat": now,
            "exp": now + self._access_seconds,
            "aud": [AUDIENCE, client.id],
            "scope": list(scopes),
            "client_id": client.id,
            "cid": client.id,
            "sub": account.person.guid if account else client.id,
        }
        if account is not None:
            person = account.person
            claims |= {"user_id": person.guid, "user_name": person.user_name, "email": person.email, "origin": "uaa"}
        told: dict[str, Any] = {
            "access_token": self._minting.written(claims),
            "token_type": "bearer",
            "expires_in": self._access_seconds - 1,
            "scope": " ".join(scopes),
            "jti": jti,
        }
        if account is not None and "refresh_token" in client.grants:
            longer = {**claims, "jti": f"{jti}-r", "exp": now + REFRESH_SECONDS}
            told["refresh_token"] = self._minting.written(longer)
            self._owners[longer["jti"]] = (account.person.guid, client.id)
        return told

    def _revoke(self, request: Request, token_id: str) -> Answer:
        """A person's own token, by its id, on the strength of another one that they got by the same client.

        The real one keeps the tokens that can be revoked; for all others it answers 403 as for somebody else's.
        """
        scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
        claims = self._minting.accepted(bearer, self._now()) if scheme.lower() == "bearer" else None
        if claims is None:
            raise OauthError(401, "unauthorized", "Full authentication is required to access this resource")
        if self._owners.get(token_id, ("", "")) != (claims.get("user_id"), claims["cid"]):
            raise OauthError(403, "access_denied", "Access is denied")
        self._revoked.add(token_id)
        return Answer(status=200)

    def _passcode(self, request: Request) -> Answer:
        form = _form(request)
        account = self.accounts.account(form.get("username", ""), form.get("password", ""))
        if account is None:
            return _page(TITLE, self._form("<p>Unable to verify email or password. Please try again.</p>"), 401)
        code = self.accounts.hand_out(account, self._now(), self._new_code)
        return _page(TITLE, f"<p><code>{html.escape(code)}</code></p><p>It works once.</p>")

    def _form(self, problem: str = "") -> str:
        """With all passwords beside it, as only a simulated server may show them."""
        people = (html.escape(f"{each.person.user_name} / {each.password}") for each in self.accounts.everybody())
        return FORM.format(problem=problem, people="".join(f"<li>{person}</li>" for person in people))

    def revoke_all(self, user_name: str) -> int:
        """Have every refresh token of somebody's refused from now on, as an admin would; how many there were."""
        account = self.accounts.named(user_name)
        theirs = {jti for jti, (guid, _) in self._owners.items() if account and guid == account.person.guid}
        self._revoked |= theirs
        return len(theirs)

    def _configuration(self) -> dict[str, Any]:
        return {
            "issuer": self._minting.issuer,
            "authorization_endpoint": f"{self.at.login}/oauth/authorize",
            "token_endpoint": f"{self.at.login}/oauth/token",
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "scopes_supported": ["openid", "profile", "email"],
            "claims_supported": ["sub", "user_name", "iss", "exp", "iat", "jti", "client_id", "email"],
        }

    def _prompts(self) -> dict[str, Any]:
        passcode = f"Temporary Authentication Code ( Get one at {self.at.login}/passcode )"
        return {
            "app": {"version": "77.30.0"},
            "links": {"uaa": self.at.uaa, "login": self.at.login, "passwd": f"{self.at.login}/forgot_password"},
            "prompts": {
                "username": ["text", "Email"],
                "password": ["password", "Password"],
                "passcode": ["password", passcode],
            },
        }


def narrowed(allowed: tuple[str, ...], wanted: str | None) -> tuple[str, ...]:
    """The allowed scopes, or those of them that were asked for; asking only for others is an error."""
    if not wanted:
        return allowed
    asked = wanted.split()
    scopes = tuple(scope for scope in allowed if scope in asked)
    if not scopes:
        raise OauthError(
            400, "invalid_scope", f"{asked} is invalid. This user is not allowed any of the requested scopes"
        )
    return scopes


def _form(request: Request) -> dict[str, str]:
    return dict(parse_qsl(request.body.decode(errors="replace"), keep_blank_values=True))


def _basic(authorization: str) -> tuple[str, str] | None:
    if not authorization.lower().startswith("basic "):
        return None
    try:
        client_id, _, secret = base64.b64decode(authorization[6:]).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return client_id, secret


def _json(value: dict[str, Any], status: int = 200) -> Answer:
    headers = {"content-type": JSON, "cache-control": "no-store"}
    return Answer(status=status, body=msgspec.json.encode(value), headers=headers)


def _page(title: str, content: str, status: int = 200) -> Answer:
    body = PAGE.format(title=title, content=content).encode()
    return Answer(status=status, body=body, headers={"content-type": "text/html;charset=UTF-8"})
