"""Actions and proxies as they were recorded: the later issues' POSTs, and what stands between the bot and the API."""

import json
from contextlib import AsyncExitStack
from typing import Any

import pytest

from deploybot.cf.failures import CloudFoundryError, RateLimitedError
from deploybot.domain.deployment import Deployment, RevisionReference
from tests.cf.making import foundation, soon
from tests.cf.replay import ordered_tail, read_only, replaying
from tests.recordings import exchanges

ACTIONS = [e for e in ordered_tail() if e["method"] == "POST" and "/actions/" in e["path"] and not e["request_body"]]
INVALID_TOKEN = 1000


async def test_every_recorded_action_ends_as_it_did() -> None:
    roots = [each for each in read_only() if each["path"] == "/"]
    assert len(ACTIONS) > 60
    async with replaying([*roots, *ACTIONS]) as server, AsyncExitStack() as stack:
        everybody = {each["as"] for each in ACTIONS}
        known = {who: await stack.enter_async_context(foundation(server.url, who)) for who in everybody}
        for exchange in ACTIONS:
            ended = await outcome(known[exchange["as"]].client.post(exchange["path"], soon()))
            assert ended == recorded_outcome(exchange)

    sent = [request for request in server.asked if "/actions/" in request.target]
    twice = [each for each in ACTIONS if INVALID_TOKEN in recorded_outcome(each)[1]]
    assert len(sent) == len(ACTIONS) + len(twice)


async def outcome(asking: Any) -> tuple[int | None, tuple[int, ...], tuple[str, ...]]:
    try:
        answer = await asking
    except CloudFoundryError as error:
        return (error.status, error.codes, error.details)
    assert answer.body == b""
    return (answer.status, (), ())


def recorded_outcome(exchange: dict[str, Any]) -> tuple[int, tuple[int, ...], tuple[str, ...]]:
    told = json.loads(exchange["body"] or '{"errors": []}')["errors"]
    return (exchange["status"], tuple(each["code"] for each in told), tuple(each["detail"].strip() for each in told))


@pytest.mark.parametrize(
    "exchange", [e for e in exchanges("proxy") if e["status"] >= 400 and e["method"] == "GET"], ids=lambda e: e["id"]
)
async def test_what_a_proxy_answers_is_told_in_words(exchange: dict[str, Any]) -> None:
    roots = [each for each in read_only() if each["path"] == "/"]
    recorded = {"as": "ro_bot"} | exchange
    async with replaying([*roots, recorded], strict=False) as server, foundation(server.url, recorded["as"]) as prod:
        with pytest.raises(CloudFoundryError) as error:
            await prod.client.get(exchange["path"], len, soon())

    assert error.value.status == exchange["status"]
    assert not set("<>\n") & set(error.value.reason)
    if exchange["status"] == 429:
        assert isinstance(error.value, RateLimitedError)


async def test_a_revision_is_read_as_recorded() -> None:
    recorded = next(each for each in read_only() if each["id"] == "o-revisions-013")
    told = json.loads(recorded["body"])
    async with replaying() as server, foundation(server.url) as prod:
        found = await prod.revision(Deployment("d", revision=RevisionReference(told["guid"])), soon())

    assert found
    assert (found.guid, found.version, found.description) == (told["guid"], told["version"], told["description"])
