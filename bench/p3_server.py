"""A foundation with 200,000 deployments and 2,000 apps, so quick that it does not count: all bytes are made before."""

import contextlib
import json
import sys
from collections.abc import Mapping
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from bench.pages import app_guid, page, rows

DISTINCT = 5000
SPACES = 40


class Handler(BaseHTTPRequestHandler):
    """Knows the root, tokens, `/v3/deployments` by page and `/v3/apps` by guids."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: "Server"

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self._answer(self.answer_to(parts.path, {key: values[0] for key, values in parse_qs(parts.query).items()}))

    def answer_to(self, path: str, asked: Mapping[str, str]) -> bytes:
        match path:
            case "/v3/deployments":
                return self.server.deployments(int(asked.get("page", "1")), int(asked.get("per_page", "50")))
            case "/v3/apps":
                return apps(asked["guids"])
            case _:
                return self.server.root()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", "0")))
        self._answer(b'{"access_token":"t","token_type":"bearer","expires_in":3600,"scope":"x","jti":"y"}')

    def handle(self) -> None:
        """A client that leaves in the middle of an answer is no error here: bots are ended while they poll."""
        with contextlib.suppress(ConnectionError):
            super().handle()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Says nothing."""

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, total: int, sizes: list[int], handler: type[Handler] = Handler) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self._total = total
        self._rows = rows(DISTINCT)
        self._bodies = {
            (number, size): self._body(number, size) for size in sizes for number in range(DISTINCT // size)
        }

    def deployments(self, number: int, size: int) -> bytes:
        """The prepared rows again and again; only the head of a page is its own."""
        last = number * size >= self._total
        following = None if last else f"{self.url}/v3/deployments?page={number + 1}&per_page={size}"
        head, _, _ = page([], self._total, following).partition(b"]}")
        return head + self._bodies[(number - 1) % (DISTINCT // size), size]

    def root(self) -> bytes:
        links = {name: {"href": self.url} for name in ("login", "uaa", "self")}
        return json.dumps({"links": links | {"cloud_controller_v3": {"href": f"{self.url}/v3"}}}).encode()

    def _body(self, number: int, size: int) -> bytes:
        return b",".join(self._rows[number * size : (number + 1) * size]) + b"]}"


@cache
def apps(guids: str) -> bytes:
    """As the server would: apps with their relationships, and the spaces and orgs beside them."""
    found = [_app(guid) for guid in guids.split(",")]
    spaces = {app["relationships"]["space"]["data"]["guid"] for app in found}
    included = {
        "spaces": [
            {"guid": guid, "name": guid, "relationships": {"organization": {"data": {"guid": "o1"}}}}
            for guid in sorted(spaces)
        ],
        "organizations": [{"guid": "o1", "name": "acme"}],
    }
    pagination = {"total_results": len(found), "total_pages": 1, "next": None, "previous": None}
    return json.dumps({"pagination": pagination, "resources": found, "included": included}).encode()


def _app(guid: str) -> dict[str, Any]:
    number = int(guid[-12:])
    assert guid == app_guid(number)
    names = ("self", "environment_variables", "space", "processes", "packages", "droplets", "revisions", "features")
    return {
        "guid": guid,
        "created_at": "2026-01-01T00:00:00Z",
        "name": f"app-{number}",
        "state": "STARTED",
        "relationships": {"space": {"data": {"guid": f"space-{number % SPACES}"}}},
        "metadata": {"labels": {}, "annotations": {}},
        "links": {name: {"href": f"https://api.cf.example/v3/apps/{guid}/{name}"} for name in names},
    }


if __name__ == "__main__":
    server = Server(int(sys.argv[1]), [int(size) for size in sys.argv[2].split(",")])
    print(server.url, flush=True)
    server.serve_forever()
