"""The UAA: whom it gives a token, which scopes that has, and how it refuses."""

import base64
import json
from typing import Any
from urllib.parse import urlencode

import pytest

from deploybot.demo.foundation.accounts import CF_CLI, USER_SCOPES, Account, Accounts, Client
from deploybot.demo.foundation.discovery import addresses
from deploybot.demo.foundation.messages import Request
from deploybot.demo.foundation.roles import Person
from deploybot.demo.foundation.tokens import Minting
from deploybot.demo.foundation.uaa import Uaa

ALICE = Person(guid="user-alice", user_name="alice", email="alice@example.com", scopes=USER_SCOPES)
BOT = Client(
    id="deploybot",
    secret="s3cret:with colon",
    grants=("client_credentials",),
    authorities=("cloud_controller.global_auditor", "uaa.none"),
)


class Desk:
    """A UAA at a time that the test sets."""

    def __init__(self) -> None:
        self.now = 1_000_000.0
        self.minting = Minting(b"key", "https://uaa.example")
        accounts = Accounts({"cf": CF_CLI, "deploybot": BOT}, {"alice": Account(person=ALICE, password="pässword")})
        self.uaa = Uaa(accounts, self.minting, addresses("https://api.example"), now_seconds=lambda: self.now)

    def ask(self, as_client: str = "cf:", **form: str) -> tuple[int, dict[str, Any]]:
        basic = base64.b64encode(as_client.encode()).decode()
        request = Request(
            method="POST",
            path="/oauth/token",
            headers={"authorization": f"Basic {basic}"},
            body=urlencode(form).encode(),
        )
        answer = self.uaa.answer(request)
        return answer.status, json.loads(answer.body)

    def login(self, **more: str) -> dict[str, Any]:
        status, told = self.ask(grant_type="password", username="alice", password="pässword", **more)
        assert status == 200
        return told


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_a_client_gets_its_own_authorities_and_nothing_to_refresh_with(desk: Desk) -> None:
    status, told = desk.ask("deploybot:s3cret:with colon", grant_type="client_credentials")

    assert status == 200
    assert told["scope"] == "cloud_controller.global_auditor uaa.none"
    assert "refresh_token" not in told
    claims = desk.minting.accepted(told["access_token"], desk.now)
    assert claims is not None
    assert claims["client_id"] == "deploybot"
    assert "user_id" not in claims


def test_a_client_may_also_send_its_secret_in_the_form(desk: Desk) -> None:
    form = {"grant_type": "client_credentials", "client_id": BOT.id, "client_secret": BOT.secret}
    answer = desk.uaa.answer(Request(method="POST", path="/oauth/token", body=urlencode(form).encode()))

    assert answer.status == 200


def test_a_person_gets_scopes_that_both_the_person_and_the_client_have(desk: Desk) -> None:
    assert set(desk.login()["scope"].split()) == set(USER_SCOPES) & set(CF_CLI.scopes)


def test_asking_for_fewer_scopes_narrows_the_token_for_good(desk: Desk) -> None:
    told = desk.login(scope="cloud_controller.read")
    _, refreshed = desk.ask(grant_type="refresh_token", refresh_token=told["refresh_token"])

    assert told["scope"] == refreshed["scope"] == "cloud_controller.read"


def test_asking_only_for_scopes_one_has_not_is_an_invalid_scope(desk: Desk) -> None:
    status, told = desk.ask(
        grant_type="password", username="alice", password="pässword", scope="cloud_controller.admin"
    )

    assert (status, told["error"]) == (400, "invalid_scope")


def test_a_passcode_works_once_and_not_for_long(desk: Desk) -> None:
    passcode = desk.uaa.passcode_for("alice")
    stale = desk.uaa.passcode_for("alice")
    assert passcode is not None
    assert stale is not None

    assert desk.ask(grant_type="password", passcode=passcode)[0] == 200
    assert desk.ask(grant_type="password", passcode=passcode)[1]["error_description"] == "Invalid passcode"
    desk.now += Accounts.PASSCODE_SECONDS
    assert desk.ask(grant_type="password", passcode=stale)[0] == 401


def test_the_passcode_page_shows_a_code_to_whoever_knows_the_password(desk: Desk) -> None:
    def sent(password: str) -> tuple[int, str]:
        body = urlencode({"username": "alice", "password": password}).encode()
        answer = desk.uaa.answer(Request(method="POST", path="/passcode", body=body))
        return answer.status, answer.body.decode()

    status, page = sent("pässword")
    code = page.split("<code>")[1].split("</code>")[0]

    assert status == 200
    assert desk.ask(grant_type="password", passcode=code)[0] == 200
    assert sent("wrong")[0] == 401
    assert "<code>" not in sent("wrong")[1]


@pytest.mark.parametrize(
    ("client", "form", "status", "error"),
    [
        ("deploybot:wrong", {"grant_type": "client_credentials"}, 401, "invalid_client"),
        ("nobody:", {"grant_type": "client_credentials"}, 401, "invalid_client"),
        ("cf:", {"grant_type": "client_credentials"}, 401, "unauthorized_client"),
        ("cf:", {"grant_type": "implicit"}, 400, "unsupported_grant_type"),
        ("cf:", {"grant_type": "password", "username": "alice", "password": "no"}, 401, "unauthorized"),
        ("cf:", {"grant_type": "password", "passcode": "guess"}, 401, "unauthorized"),
        ("cf:", {"grant_type": "refresh_token", "refresh_token": "a.b.c"}, 401, "invalid_token"),
    ],
)
def test_it_refuses_in_its_own_words(desk: Desk, client: str, form: dict[str, str], status: int, error: str) -> None:
    answered, told = desk.ask(client, **form)

    assert (answered, told["error"]) == (status, error)
    assert "access_token" not in told


def test_an_access_token_expires_and_a_refresh_token_is_no_access_token(desk: Desk) -> None:
    told = desk.login()

    assert desk.minting.accepted(told["access_token"], desk.now + told["expires_in"]) is not None
    assert desk.minting.accepted(told["access_token"], desk.now + told["expires_in"] + 2) is None
    assert desk.minting.accepted(told["refresh_token"], desk.now) is None
    assert desk.ask(grant_type="refresh_token", refresh_token=told["access_token"])[0] == 401


def revoked(desk: Desk, bearer: str, told: dict[str, Any]) -> int:
    path = f"/oauth/token/revoke/{told['jti']}-r"
    request = Request(method="DELETE", path=path, headers={"authorization": f"Bearer {bearer}"})
    return desk.uaa.answer(request).status


def test_a_person_may_revoke_their_own_refresh_token_and_then_it_is_refused(desk: Desk) -> None:
    told, later = desk.login(), desk.login()

    assert revoked(desk, later["access_token"], told) == 200
    assert desk.ask(grant_type="refresh_token", refresh_token=told["refresh_token"])[1]["error"] == "invalid_token"
    assert desk.ask(grant_type="refresh_token", refresh_token=later["refresh_token"])[0] == 200


def test_all_that_somebody_is_logged_in_with_can_be_ended(desk: Desk) -> None:
    told = desk.login()

    assert desk.uaa.revoke_all("nobody") == 0
    assert desk.ask(grant_type="refresh_token", refresh_token=told["refresh_token"])[0] == 200
    assert desk.uaa.revoke_all("alice") > 0
    assert desk.ask(grant_type="refresh_token", refresh_token=told["refresh_token"])[1]["error"] == "invalid_token"


def test_the_passcode_page_tells_a_newcomer_who_there_is(desk: Desk) -> None:
    page = desk.uaa.answer(Request(method="GET", path="/passcode")).body.decode()

    assert "<li>alice / pässword</li>" in page
    assert "simulated" in page


def test_nobody_revokes_what_is_not_theirs(desk: Desk) -> None:
    told = desk.login()
    _, bot = desk.ask("deploybot:s3cret:with colon", grant_type="client_credentials")

    assert revoked(desk, bot["access_token"], told) == 403
    assert revoked(desk, "made.up.token", told) == 401
    assert revoked(desk, told["access_token"], {"jti": "unknown"}) == 403
    assert desk.ask(grant_type="refresh_token", refresh_token=told["refresh_token"])[0] == 200


def test_a_refresh_token_stays_the_same_unless_it_is_rotated_and_then_works_once(desk: Desk) -> None:
    first = desk.login()["refresh_token"]
    assert desk.ask(grant_type="refresh_token", refresh_token=first)[1]["refresh_token"] == first
    desk.uaa.rotates = True
    second = desk.ask(grant_type="refresh_token", refresh_token=first)[1]["refresh_token"]

    assert second != first
    assert desk.ask(grant_type="refresh_token", refresh_token=first)[1]["error"] == "invalid_token"
    assert desk.ask(grant_type="refresh_token", refresh_token=second)[0] == 200


def test_tokens_in_the_address_are_not_taken_and_get_is_not_allowed(desk: Desk) -> None:
    in_query = Request(method="POST", path="/oauth/token", query="grant_type=client_credentials")

    assert desk.uaa.answer(in_query).status == 400
    assert desk.uaa.answer(Request(method="GET", path="/oauth/token")).status == 405


def test_secrets_are_not_in_what_is_printed() -> None:
    account = Account(person=ALICE, password="pässword")

    assert "s3cret" not in repr(BOT)
    assert "pässword" not in repr(account)
    assert "key" not in repr(Minting(b"key", "https://uaa.example"))
