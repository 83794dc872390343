"""The port over HTTP: what each call asks, and what it makes of less than it hoped for."""

from datetime import timedelta

import pytest

from deploybot.cf.failures import NotFoundError
from deploybot.cf.foundation import CloudFoundry
from deploybot.domain.deployment import Deployment, Revision, RevisionReference
from deploybot.domain.ports import DeploymentsAsk, Foundation, RateLimit
from tests.cf.making import Api, as_json, foundation, listed, soon
from tests.cf.serving import Reply, serving

GONE = as_json({"errors": [{"code": 10010, "title": "CF-ResourceNotFound", "detail": "Deployment not found"}]}, 404)


def port(prod: CloudFoundry) -> Foundation:
    """The type checker holds the two together."""
    return prod


async def test_an_empty_list_is_answered_without_asking() -> None:
    api = Api()
    async with serving(api) as url, foundation(url) as prod:
        found = await port(prod).deployments(DeploymentsAsk(status_reasons=()), soon())

    assert (found.rows, found.total, api.asked) == ((), 0, [])


async def test_a_bad_row_becomes_a_problem_and_counts_as_sent() -> None:
    api = Api().on("/v3/deployments", listed({"guid": "a"}, {"guid": "b", "strategy": 1}, total=9))
    async with serving(api) as url, foundation(url) as prod:
        found = await prod.deployments(DeploymentsAsk(per_page=2), soon())

    assert ([row.guid for row in found.rows], found.total, found.sent, len(found.problems)) == (["a"], 9, 2, 1)


async def test_a_deployment_that_is_not_there_is_none() -> None:
    async with serving(Api().on("/v3/deployments/d", GONE)) as url, foundation(url) as prod:
        assert await prod.deployment("d", soon()) is None
        assert await prod.deployment(" ", soon()) is None


async def test_an_address_that_knows_no_deployments_is_no_missing_deployment() -> None:
    async with serving(Api()) as url, foundation(url) as prod:
        with pytest.raises(NotFoundError, match="Unknown request"):
            await prod.deployment("d", soon())


async def test_what_a_person_typed_as_a_guid_stays_one_segment() -> None:
    api = Api().on("/v3/deployments/..%2Fapps%3Fx%20%F0%9F%9A%80", GONE)
    async with serving(api) as url, foundation(url) as prod:
        assert await prod.deployment("../apps?x 🚀", soon()) is None


async def test_a_revision_is_told_with_its_description() -> None:
    api = Api().on("/v3/revisions/r", as_json({"guid": "r", "version": 4, "description": "New droplet deployed."}))
    async with serving(api) as url, foundation(url) as prod:
        told = await prod.revision(Deployment("d", revision=RevisionReference("r", 4)), soon())

    assert told == Revision("r", 4, "New droplet deployed.")


@pytest.mark.parametrize("reply", [GONE, Reply(500), Reply(200, {}, b"{}")])
async def test_a_revision_that_can_not_be_had_is_none(reply: Reply) -> None:
    api = Api().on("/v3/revisions/r", reply)
    async with serving(api) as url, foundation(url) as prod:
        assert await prod.revision(Deployment("d", revision=RevisionReference("r")), soon()) is None
        assert await prod.revision(Deployment("d"), soon()) is None

    assert api.count("/v3/revisions/r") == 1


@pytest.mark.parametrize(
    ("told", "limit"),
    [
        (
            {"enabled": True, "general_limit": 12, "reset_interval_in_minutes": 60},
            RateLimit(12, timedelta(hours=1)),
        ),
        ({"enabled": False, "general_limit": 2000, "reset_interval_in_minutes": 60}, None),
        ({"enabled": True, "general_limit": -1, "reset_interval_in_minutes": 60}, None),
        ({"enabled": True}, None),
        ({"enabled": "yes"}, None),
        (None, None),
    ],
)
async def test_the_announced_rate_limit_is_told_where_there_is_one(told: object, limit: RateLimit | None) -> None:
    api = Api().on("/v3/info", as_json({"name": "vcap", "rate_limits": told}))
    async with serving(api) as url, foundation(url) as prod:
        assert await port(prod).rate_limit(soon()) == limit


async def test_a_foundation_that_does_not_say_its_limit_has_none() -> None:
    async with serving(Api().on("/v3/info", Reply(404))) as url, foundation(url) as prod:
        assert await prod.rate_limit(soon()) is None
