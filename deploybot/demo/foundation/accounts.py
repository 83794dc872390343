"""The UAA's books: clients and people with their secrets, and codes that were handed out."""

import hmac
from collections.abc import Callable, Mapping

import msgspec

from deploybot.demo.foundation.roles import Person


class Client(msgspec.Struct, frozen=True, kw_only=True):
    """An application. `authorities` are what it may do itself, `scopes` what it may ask for on behalf of a person."""

    id: str
    secret: str
    grants: tuple[str, ...]
    authorities: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    roles: Mapping[str, tuple[str, ...]] = {}
    """Its own, in organization/space, as people's."""

    def __repr__(self) -> str:
        return f"Client({self.id!r})"


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """A person who can log in."""

    person: Person
    password: str

    def __repr__(self) -> str:
        return f"Account({self.person.user_name!r})"


USER_SCOPES = ("openid", "cloud_controller.read", "cloud_controller.write", "uaa.user")
CF_CLI = Client(
    id="cf",
    secret="",
    grants=("password", "refresh_token"),
    scopes=(
        *USER_SCOPES,
        "cloud_controller.admin",
        "cloud_controller.admin_read_only",
        "cloud_controller.global_auditor",
    ),
)


class Accounts:
    """Who there is, by client id and by user name; one-time passcodes are kept until they are used or too old."""

    PASSCODE_SECONDS = 600

    def __init__(self, clients: Mapping[str, Client], accounts: Mapping[str, Account]) -> None:
        self._clients, self._accounts = clients, accounts
        self._passcodes: dict[str, tuple[str, float]] = {}

    def client(self, client_id: str, secret: str) -> Client | None:
        client = self._clients.get(client_id)
        return client if client and same(client.secret, secret) else None

    def account(self, user_name: str, password: str) -> Account | None:
        account = self._accounts.get(user_name.lower())
        return account if account and same(account.password, password) else None

    def account_of(self, guid: str) -> Account | None:
        return next((each for each in self._accounts.values() if each.person.guid == guid), None)

    def named(self, user_name: str) -> Account | None:
        return self._accounts.get(user_name.lower())

    def everybody(self) -> tuple[Account, ...]:
        return tuple(self._accounts.values())

    def hand_out(self, account: Account, now: float, new_code: Callable[[], str]) -> str:
        """A new one-time passcode."""
        code = new_code()
        self._passcodes[code] = (account.person.user_name, now + self.PASSCODE_SECONDS)
        return code

    def redeem(self, code: str, now: float) -> Account | None:
        """The account of a passcode, once."""
        user_name, until = self._passcodes.pop(code, ("", 0.0))
        return self.named(user_name) if now < until else None


def same(known: str, given: str) -> bool:
    return hmac.compare_digest(known.encode(), given.encode())
