"""What a request counts as: one of a few words, whatever is in its path."""

import re
from string import ascii_letters, digits

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploybot.cf.encode import segment
from deploybot.cf.endpoints import ENDPOINTS, LOGIN, OTHER, REVOKE, endpoint_of

GUIDS = st.uuids().map(str)
BOUNDED = ENDPOINTS | {OTHER, LOGIN, f"{REVOKE}:id"}


@pytest.mark.parametrize(
    ("path", "endpoint"),
    [
        ("/", "/"),
        ("", "/"),
        ("/v3/info", "/v3/info"),
        ("/v3/deployments", "/v3/deployments"),
        ("/v3/deployments/0c1f2f3e-1111-4222-8333-444455556666", "/v3/deployments/:guid"),
        ("/v3/deployments/checkout/actions/cancel", "/v3/deployments/:guid/actions/cancel"),
        ("/v3/revisions/apps", OTHER),
        ("/v3/deployments/d/actions/restart", OTHER),
        ("/v2/info", OTHER),
        ("/v3/apps/", OTHER),
        ("/oauth/token", "/oauth/token"),
        ("/uaa/oauth/token", "/oauth/token"),
        ("/oauth/token/revoke/opaque-token", "/oauth/token/revoke/:id"),
        ("/uaa/oauth/token/revoke/x/oauth/token", "/oauth/token"),
    ],
)
def test_a_path_is_its_kind_of_request(path: str, endpoint: str) -> None:
    assert endpoint_of(path) == endpoint


@given(guid=GUIDS, endpoint=st.sampled_from(sorted(ENDPOINTS)))
def test_a_guid_never_survives(guid: str, endpoint: str) -> None:
    assert endpoint_of(endpoint.replace(":guid", guid)) == endpoint


@given(st.text(alphabet=ascii_letters + digits + "-_.~%/", max_size=200))
def test_whatever_is_asked_becomes_one_of_a_few_words(path: str) -> None:
    assert endpoint_of(f"/{path}") in BOUNDED


@given(
    st.text(max_size=50),
    st.sampled_from(["/v3/deployments/{}", "/v3/revisions/{}", "/v3/deployments/{}/actions/cancel"]),
)
def test_what_a_person_typed_never_survives(typed: str, path: str) -> None:
    kept = endpoint_of(path.format(segment(typed)))
    assert kept in BOUNDED
    assert re.fullmatch(r"[a-z0-9/_:]*", kept)
