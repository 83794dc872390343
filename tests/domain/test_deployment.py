"""The nouns: both shapes of a deployment tell the same, and both survive whatever is missing."""

import json

import msgspec
import pytest

from deploybot.domain.deployment import Deployment
from deploybot.domain.slim import SlimDeployment
from tests.recordings import world

RECORDED = [{key: value for key, value in row.items() if key != "_hidden"} for row in world()["deployments"]]


def test_every_field_of_a_recorded_deployment_becomes_a_value() -> None:
    for row in RECORDED:
        decoded = msgspec.json.decode(json.dumps(row), type=Deployment)

        assert _without_missing(json.loads(msgspec.json.encode(decoded))) == _without_missing(row)


def test_the_slim_shape_tells_what_the_full_one_tells() -> None:
    for row in RECORDED:
        full = msgspec.json.decode(json.dumps(row), type=Deployment)
        slim = msgspec.json.decode(json.dumps(row), type=SlimDeployment)

        assert _told(slim) == _told(full)
        assert slim.app_guid == full.app_guid == row["relationships"]["app"]["data"]["guid"]


@pytest.mark.parametrize("shape", [Deployment, SlimDeployment])
@pytest.mark.parametrize(
    ("row", "app_guid"),
    [
        ({"guid": "d"}, None),
        ({"guid": "d", "updated_at": None, "status": None, "relationships": None, "links": None}, None),
        ({"guid": "d", "relationships": {}, "links": {"app": {"href": "https://api/v3/apps/a-1"}}}, "a-1"),
        (
            {"guid": "d", "relationships": {"app": {"data": None}}, "links": {"app": {"href": "http://x/v3/apps/b/"}}},
            "b",
        ),
        ({"guid": "d", "relationships": {"app": {"data": {"guid": "r"}}}, "links": {"app": {"href": "/l"}}}, "r"),
        ({"guid": "d", "links": {"app": None, "self": {}}}, None),
    ],
)
def test_only_the_guid_is_required(
    shape: type[Deployment] | type[SlimDeployment], row: dict[str, object], app_guid: str | None
) -> None:
    decoded = msgspec.json.decode(json.dumps(row), type=shape)

    assert (decoded.guid, decoded.app_guid, decoded.error, decoded.is_active) == ("d", app_guid, None, False)
    assert decoded.details.last_status_change is None
    assert decoded.canary_steps is None


def test_what_is_strange_in_a_slim_row_counts_as_not_said() -> None:
    strange = b'{"guid": "d", "relationships": [1], "links": 7, "status": {"details": "x", "canary": [], "value": "V"}}'
    decoded = msgspec.json.decode(strange, type=SlimDeployment)

    assert (decoded.app_guid, decoded.error, decoded.canary_steps, decoded.value) == (None, None, None, "V")


def _told(row: Deployment | SlimDeployment) -> tuple[object, ...]:
    return (
        row.guid,
        row.created_at,
        row.updated_at,
        row.strategy,
        row.value,
        row.reason,
        row.details,
        row.canary_steps,
    )


def _without_missing(value: object) -> object:
    """The JSON without nulls: a missing key and null are the same to us."""
    if isinstance(value, dict):
        return {key: _without_missing(inner) for key, inner in value.items() if inner is not None}
    return [_without_missing(inner) for inner in value] if isinstance(value, list) else value
