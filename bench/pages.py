"""Pages of deployments as long as a bench wants them, made of the recorded ones; a deployment is 0.9 to 1.6 KB."""

import json
from collections.abc import Sequence

from tests.recordings import world

APPS = 2000
"""An app keeps its newest 100 deployments: 200,000 of them belong to 2,000 apps."""


def rows(count: int) -> list[bytes]:
    """`count` deployments as JSON, key by key in the server's order, spread over APPS apps."""
    recorded = [{key: value for key, value in row.items() if key != "_hidden"} for row in world()["deployments"]]
    return [_row(recorded[number % len(recorded)], number) for number in range(count)]


def page(some: Sequence[bytes], total: int, following: str | None) -> bytes:
    link = json.dumps({"href": following}) if following else "null"
    edge = '{"href":"https://api.cf.example/v3/deployments?page=1&per_page=50"}'
    head = f'{{"pagination":{{"total_results":{total},"total_pages":9,"first":{edge},"last":{edge},"next":{link}'
    return f'{head},"previous":null}},"resources":['.encode() + b",".join(some) + b"]}"


def app_guid(number: int) -> str:
    return f"a0000000-0000-4000-8000-{number % APPS:012}"


def _row(recorded: dict[str, object], number: int) -> bytes:
    text = json.dumps(recorded, ensure_ascii=False, separators=(",", ":"))
    relationships = recorded["relationships"]
    assert isinstance(relationships, dict)
    text = text.replace(str(recorded["guid"]), f"d0000000-0000-4000-8000-{number:012}")
    return text.replace(relationships["app"]["data"]["guid"], app_guid(number)).encode()
