"""What platforms and monitoring ask over HTTP: `/livez`, `/readyz` and `/metrics`. No answer asks anybody else."""

import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from deploybot.domain.health import Facts, HealthRules, Part, parts_of, why_not_alive
from deploybot.ops.metrics import CONTENT_TYPE, Metrics


@dataclass(frozen=True, slots=True)
class Health:
    """Answers from `facts`, by the monotonic clock. With a `token`, figures and reasons are for those who send it."""

    facts: Callable[[], Facts]
    metrics: Metrics
    clock: Callable[[], float]
    rules: HealthRules
    token: SecretStr | None = None

    @property
    def routes(self) -> Sequence[BaseRoute]:
        return (Route("/livez", self.livez), Route("/readyz", self.readyz), Route("/metrics", self.figures))

    async def livez(self, request: Request) -> Response:
        """200 while the bot works by itself, else 503 with the reason. A Slack that is away is no reason to restart."""
        reason = why_not_alive(self.facts(), self.clock(), self.rules)
        if not reason:
            return PlainTextResponse("alive")
        return PlainTextResponse(reason if self._may_see(request) else "not alive", 503)

    async def readyz(self, request: Request) -> Response:
        """`{"ready": bool, "parts": [{"part", "ready", "reason"}]}`, with 200 or 503."""
        parts, told = self._parts(), self._may_see(request)
        ready = all(part.ready for part in parts)
        shown = [{"part": one.part, "ready": one.ready, "reason": one.reason if told else ""} for one in parts]
        return JSONResponse({"ready": ready, "parts": shown}, 200 if ready else 503)

    async def figures(self, request: Request) -> Response:
        """In Prometheus' text format; 401 without the token where one is set."""
        if not self._may_see(request):
            return PlainTextResponse("send the metrics token", 401, {"WWW-Authenticate": "Bearer"})
        self.metrics.ready({part.part: part.ready for part in self._parts()})
        return Response(self.metrics.text(), headers={"Content-Type": CONTENT_TYPE})

    def _parts(self) -> tuple[Part, ...]:
        return parts_of(self.facts(), self.clock(), self.rules)

    def _may_see(self, request: Request) -> bool:
        if self.token is None:
            return True
        # a header is bytes, which Starlette reads as Latin-1 whatever they are
        expected = f"Bearer {self.token.get_secret_value()}".encode()
        return hmac.compare_digest(request.headers.get("authorization", "").encode("latin-1"), expected)
