"""Label selectors mean here what they mean to the real server: its recorded answers are the judge."""

from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest

from deploybot.domain.deployment import Deployment
from deploybot.domain.label_matching import label_matches
from tests.recordings import exchanges, world


def _asked() -> list[tuple[str, set[str], int]]:
    """Selectors that the server was asked for alone, with the rows of its first page and how many there are in all."""
    cases = []
    for exchange in exchanges():
        query = parse_qs(urlsplit(exchange["path"]).query, keep_blank_values=True)
        told = exchange["status"] == 200 and exchange["path"].startswith("/v3/deployments?")
        if told and exchange["category"] == "label-selector" and set(query) <= {"label_selector", "per_page"}:
            body = msgspec.json.decode(exchange["body"])
            guids = {row["guid"] for row in body["resources"]}
            cases.append((query["label_selector"][-1], guids, body["pagination"]["total_results"]))
    return cases


CASES = _asked()


def test_there_are_recorded_answers_to_judge_by() -> None:
    assert len(CASES) >= 20


@pytest.mark.parametrize(("selector", "first_page", "total"), CASES, ids=[case[0] for case in CASES])
def test_a_selector_finds_what_the_server_found(selector: str, first_page: set[str], total: int) -> None:
    rows = [msgspec.convert(row, Deployment) for row in world()["deployments"]]
    labels = {row.guid: {k: v or "" for k, v in ((row.metadata and row.metadata.labels) or {}).items()} for row in rows}
    found = {guid for guid, own in labels.items() if label_matches(selector, own)}
    assert first_page <= found
    assert len(found) == total


@pytest.mark.parametrize(
    ("selector", "matching"),
    [
        ("env", True),
        ("!env", False),
        ("team", False),
        ("env=prod", True),
        ("env!=prod", False),
        ("team!=web", True),
        ("env in (prod,dev),!legacy", True),
        ("env notin (prod)", False),
        ("team notin (prod)", True),
        ("empty=", False),
        ("empty!=", True),
        ("example.com/tier=1", True),
    ],
)
def test_every_form_of_a_requirement(selector: str, matching: bool) -> None:
    assert label_matches(selector, {"env": "prod", "empty": "", "example.com/tier": "1"}) is matching
