"""What the settings make of foundations: what they are examined for, and a bundle that is none."""

from pathlib import Path
from typing import Any

import pytest

from deploybot.app.doctoring import examined
from deploybot.app.foundations import examinations_of, listing_of, wanted_of
from deploybot.errors import ConfigError
from deploybot.settings.model import Settings
from deploybot.settings.salvage import Loaded

EU = {"api": "http://127.0.0.1:1", "client_id": "bot", "client_secret": "s3cret"}
GUARD = {"name": "night", "channel": "C0123ABC", "cancel_after": "8h"}
KEY = "A" * 43 + "="


def settings(foundation: dict[str, Any] | None = None, **sections: Any) -> Settings:
    tree: Any = {"file": {"foundations": {"eu": EU | (foundation or {})}, **sections}, "environment": {}}
    return Settings(**tree)


@pytest.mark.parametrize(
    ("changed", "on", "by"),
    [
        ({}, "foundation=us", ()),
        ({}, "foundation=e*", ('the guard "night"',)),
        ({"act_as": "bot"}, "foundation=us", ("foundations.eu.act_as",)),
        ({"act_as": "bot"}, "space=production", ("foundations.eu.act_as", 'the guard "night"')),
    ],
)
def test_its_own_account_has_to_act_where_a_setting_has_it_do_so(
    changed: dict[str, Any], on: str, by: tuple[str, ...]
) -> None:
    set_up = settings(changed, guards=[GUARD | {"on": [on]}])
    assert wanted_of(set_up, "eu").duties.acts_by == by


def test_a_guard_that_cancels_nothing_needs_no_rights() -> None:
    harmless = {"channel": "C0123ABC", "tell_after": "1h", "on": ["foundation=eu"]}
    assert wanted_of(settings(guards=[harmless]), "eu").duties.acts_by == ()


def test_linking_is_looked_at_where_there_is_a_key() -> None:
    assert wanted_of(settings(), "eu").link is None
    link = wanted_of(settings({"link_client_id": "deploybot-link"}, linking={"keys": [KEY]}), "eu").link
    assert link
    assert link.client_id == "deploybot-link"


def test_the_pace_is_that_of_the_settings() -> None:
    pace = wanted_of(settings(polling={"interval": "30s", "rate_share": 0.2}), "eu").pace
    assert (pace.interval.total_seconds(), pace.share) == (30, 0.2)


def test_each_foundation_has_its_examination() -> None:
    assert [one.area for one in examinations_of(settings())] == ["foundation eu"]


async def test_a_bundle_that_is_none_ends_the_start_with_a_sentence_and_not_the_examination(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.write_text("no certificate")
    set_up = settings({"ca_bundle": file}, store={"data_dir": tmp_path})
    with pytest.raises(ConfigError, match=r"foundations\.eu\.ca_bundle: .* holds no certificates in PEM"):
        async with listing_of(set_up):
            raise AssertionError

    found = await examined(Loaded(set_up), "socket", 10)
    assert [each.check for each in found if each.area == "foundation eu"] == ["ca-bundle", "not-looked-at"]


async def test_a_proxy_that_is_none_ends_the_start_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://ann:h1dden/word@proxy.example")
    with pytest.raises(ConfigError, match="HTTPS_PROXY, ALL_PROXY or NO_PROXY holds something") as error:
        async with listing_of(settings()):
            raise AssertionError
    assert "h1dden" not in str(error.value)
