"""Examines a foundation behind an address, and finds a finding among those of it."""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

from deploybot.cf.auth import Login
from deploybot.cf.client import Site
from deploybot.cf.examining import FoundationExamination, Wanted
from deploybot.domain.finding import Finding, Level
from tests.cf.making import Api, as_json, listed, soon
from tests.cf.serving import Reply, Request
from tests.cf.test_rights import token

SECRET = "s3cret-of-the-client"
AUDITOR = ("cloud_controller.global_auditor",)


async def examined(
    url: str,
    wanted: Wanted | None = None,
    *,
    login: Login | None = None,
    ca_bundle: Path | None = None,
    skip_tls_verify: bool = False,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    seconds: float = 20.0,
) -> tuple[Finding, ...]:
    """What is found of the foundation `eu` there; every finding was looked over for what all must keep to."""
    login = login or Login(client_id="bot", client_secret=SECRET)
    site = Site("eu", url, login, ca_bundle, skip_tls_verify)
    examination = FoundationExamination(site, wanted or Wanted(), now=now)
    found = await examination.findings(soon(seconds))
    _look_over(found, login)
    assert examination.area == "foundation eu"
    return found


def the(found: Iterable[Finding], check: str) -> Finding:
    """The only finding of that check."""
    (one,) = [each for each in found if each.check == check]
    return one


def troubles(found: Iterable[Finding]) -> list[str]:
    """The checks that are not fine."""
    return [each.check for each in found if each.level in (Level.WARNING, Level.FAILURE)]


def checks(found: Iterable[Finding]) -> set[str]:
    return {each.check for each in found}


def sound_api() -> Api:
    """A foundation without a fault; `on` changes an answer."""
    api = Api()
    return (
        api.on("/", lambda request: as_json(root_of(f"http://{request.headers['host']}")))
        .on("/login", as_json({"app": {"version": "77.30.0"}}))
        .on("/oauth/token", token(AUDITOR, client_id="bot"))
        .on("/v3/deployments", listed({"guid": "d-1"}, total=3))
        .on("/v3/spaces", listed({"guid": "s-1"}, {"guid": "s-2"}))
        .on("/v3/audit_events", listed({"guid": "e-1"}))
        .on("/v3/info", as_json({"rate_limits": {"enabled": False}}))
    )


def root_of(login: str, version: str | None = "3.228.0") -> dict[str, object]:
    meta = {} if version is None else {"meta": {"version": version}}
    return {"links": {"login": {"href": login}, "uaa": None, "cloud_controller_v3": {"href": f"{login}/v3", **meta}}}


def over_tls(request: Request) -> Reply:
    """The root of a foundation that is its own login server, by https."""
    return as_json(root_of(f"https://{request.headers['host']}"))


def _look_over(found: tuple[Finding, ...], login: Login) -> None:
    """Laws of every finding: what is bad says what to do, and of what; and no secret is told."""
    for each in found:
        text = f"{each.says} {each.fix}"
        if each.level in (Level.WARNING, Level.FAILURE):
            assert not each.fix.endswith("."), each
            assert re.search(r"\beu\b|\b127\.0\.0\.1\b|\blocalhost\b", text), each
        assert not each.says.endswith("."), each
        assert "  " not in text
        assert each.check == each.check.lower().replace(" ", "-")
        for secret in (login.client_secret, login.password, login.refresh_token, login.basic, "head.", "Bearer"):
            assert not secret or secret == login.username or secret not in text, each
