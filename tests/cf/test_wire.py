"""Bytes as values: every recorded page is read, and a bad row hides neither the others nor itself."""

import json
from typing import Any

import pytest

from deploybot.cf import wire
from tests.recordings import TIMELINES, exchanges, timeline

KINDS: dict[str, wire.Resource[Any]] = {
    "deployments": wire.DEPLOYMENTS,
    "apps": wire.APPS,
    "spaces": wire.SPACES,
    "organizations": wire.ORGS,
    "processes": wire.PROCESSES,
    "audit_events": wire.EVENTS,
    "revisions": wire.REVISIONS,
}


def test_every_recorded_page_is_read_in_full() -> None:
    checked = 0
    for exchange in (*exchanges(), *exchanges("rate_limited"), *exchanges("proxy")):
        kind = KINDS.get(exchange["path"].partition("?")[0].rstrip("/").rsplit("/", 1)[-1])
        if kind is None or '"resources"' not in exchange["body"]:
            continue
        told = json.loads(exchange["body"])
        page = kind.page(exchange["body"].encode())

        assert page.problems == ()
        assert [row.guid for row in page.rows] == [row["guid"] for row in told["resources"]]
        assert page.total == told["pagination"]["total_results"]
        checked += 1
    assert checked > 350


def test_every_recorded_deployments_page_is_read_in_the_slim_shape_too() -> None:
    for exchange in exchanges():
        if exchange["path"].startswith("/v3/deployments?") and '"resources"' in exchange["body"]:
            full = wire.DEPLOYMENTS.page(exchange["body"].encode())
            slim = wire.SLIM_DEPLOYMENTS.page(exchange["body"].encode())

            assert [(row.guid, row.app_guid) for row in slim.rows] == [(row.guid, row.app_guid) for row in full.rows]


@pytest.mark.parametrize("name", TIMELINES)
def test_every_sample_of_a_rollout_is_read(name: str) -> None:
    for sample in timeline(name):
        if sample.get("deployment"):
            assert wire.DEPLOYMENTS.one(json.dumps(sample["deployment"]).encode()).guid
        if sample.get("processes"):
            assert wire.PROCESSES.page(json.dumps(sample["processes"]).encode()).problems == ()


def test_a_bad_row_is_told_by_its_guid_and_hides_no_other() -> None:
    page = wire.DEPLOYMENTS.page(
        b'{"pagination":{"total_results":5,"next":null},'
        b'"resources":[{"guid":"a"},{"guid":"b","strategy":3},{"x":1},7,{"guid":"e","created_at":"yesterday"}]}'
    )

    assert [row.guid for row in page.rows] == ["a"]
    assert (page.sent, page.total) == (5, 5)
    assert [problem.split(" can't")[0] for problem in page.problems] == [
        "The deployment b",
        "The deployment without a guid",
        "The deployment without a guid",
        "The deployment e",
    ]


def test_unknown_fields_are_passed_over_and_unknown_words_kept() -> None:
    row = wire.DEPLOYMENTS.one(
        b'{"guid":"a","state":"X","strategy":"blue-green","status":{"value":"NEW","reason":"ODD","why":[{}]}}'
    )

    assert (row.strategy, row.value, row.reason) == ("blue-green", "NEW", "ODD")


@pytest.mark.parametrize("beside", ['"pagination":7', '"included":[]', '"pagination":{"total_results":"many"}'])
def test_what_stands_beside_the_rows_never_hides_them(beside: str) -> None:
    page = wire.APPS.page(f'{{{beside},"resources":[{{"guid":"a"}}]}}'.encode())

    assert ([row.guid for row in page.rows], page.total, page.problems) == (["a"], 1, ())


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"7",
        b"{}",
        b'{"resources":null}',
        b"<html>502</html>",
        b'{"resources":[',
        b"\xff\xfe",
        b"[" * 100_000,
    ],
)
def test_what_is_no_page_is_unreadable_and_not_quoted(body: bytes) -> None:
    with pytest.raises(wire.UnreadableError) as unreadable:
        wire.DEPLOYMENTS.page(body)

    assert "html" not in str(unreadable.value)


@pytest.mark.parametrize(
    ("href", "path"),
    [
        ("https://api.cf.example/v3/deployments?page=2&guids=a%252Cb", "/v3/deployments?page=2&guids=a%252Cb"),
        ("http://evil.example:99/v3/deployments?page=2", "/v3/deployments?page=2"),
        ("//evil.example/v3/x", "/v3/x"),
        ("https://api.cf.example//evil.example/x", "/evil.example/x"),
        ("https://user:pw@evil.example/v3/x#part", "/v3/x"),
    ],
)
def test_of_the_next_page_only_path_and_query_are_believed(href: str, path: str) -> None:
    body = json.dumps({"resources": [], "pagination": {"next": {"href": href}}}).encode()

    assert wire.DEPLOYMENTS.page(body).next_path == path


def test_a_next_link_that_is_none_is_unreadable() -> None:
    page = wire.DEPLOYMENTS.page(b'{"resources":[],"pagination":{"next":{"href":"https://[1"}}}')

    with pytest.raises(wire.UnreadableError):
        _ = page.next_path


def test_without_a_next_link_the_walk_is_over() -> None:
    for pagination in ("null", '{"next":null}', '{"next":{}}', '{"next":{"href":null,"method":"GET"}}'):
        assert wire.DEPLOYMENTS.page(f'{{"resources":[],"pagination":{pagination}}}'.encode()).next_path is None
