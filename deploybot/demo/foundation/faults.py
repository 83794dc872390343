"""Things that go wrong on request: how much of the traffic each fault hits, and what it answers instead."""

from collections.abc import Callable
from typing import Any, Literal

import msgspec

from deploybot.demo.foundation import refusals
from deploybot.demo.foundation.messages import Answer, json_answer, text_answer

LONGEST_LATENCY_MS = 60_000
SLOW_SECONDS = 30.0
RETRY_AFTER_SECONDS = 30
TITLES = {
    413: "413 Request Entity Too Large",
    414: "414 Request-URI Too Large",
    429: "429 Too Many Requests",
    502: "502 Bad Gateway",
    504: "504 Gateway Time-out",
}

Share = float


class Faults(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Each share (0 to 1) is the part of requests that is hit; the first of them that hits decides the answer."""

    latency_ms: int = 0
    outage: bool = False  # nothing answers, the UAA neither
    cut: Share = 0.0  # the connection breaks in the middle of the answer
    bad_gateway: Share = 0.0  # 502 HTML of a proxy
    gateway_timeout: Share = 0.0  # 504 HTML of a proxy
    rate_limit: Share = 0.0  # 429 of the API, with Retry-After
    proxy_rate_limit: Share = 0.0  # 429 HTML of a proxy, without
    server_error: Share = 0.0  # 500 JSON
    refused_tokens: Share = 0.0  # 401 for tokens that are fine
    undone_error: Share = 0.0  # a cancel or continue is answered with a 500 and not done
    done_but_error: Share = 0.0  # or it was done and is answered so
    done_but_cut: Share = 0.0  # or the connection breaks before its answer
    done_but_slow: Share = 0.0  # or its answer comes after SLOW_SECONDS

    def __post_init__(self) -> None:
        shares = {**msgspec.structs.asdict(self), "latency_ms": 0, "outage": 0}.values()
        if not all(0 <= share <= 1 for share in shares):
            raise ValueError("a share lies between 0 and 1")
        if not 0 <= self.latency_ms <= LONGEST_LATENCY_MS:
            raise ValueError(f"latency_ms lies between 0 and {LONGEST_LATENCY_MS}")


Hit = Answer | Literal["cut"] | None


def hit(faults: Faults, *, of_uaa: bool, chance: Callable[[], float]) -> Hit:
    """What befalls one request; `chance` draws from [0, 1). Faults of the API itself spare the UAA."""
    if faults.outage or chance() < faults.cut:
        return "cut"
    if chance() < faults.bad_gateway:
        return proxy_page(502)
    if chance() < faults.gateway_timeout:
        return proxy_page(504)
    if chance() < faults.proxy_rate_limit:
        return proxy_page(429)
    if of_uaa:
        return None
    if chance() < faults.rate_limit:
        return _rate_limited()
    if chance() < faults.server_error:
        return json_answer(refusals.UNKNOWN_500, 500)
    if chance() < faults.refused_tokens:
        return json_answer(refusals.invalid_token().body(), 401)
    return None


After = Answer | Literal["cut", "slow"] | None


def hit_action(faults: Faults, *, chance: Callable[[], float]) -> Answer | None:
    """What is answered to a cancel or continue instead of doing it."""
    return json_answer(refusals.UNKNOWN_500, 500) if chance() < faults.undone_error else None


def hit_after(faults: Faults, *, chance: Callable[[], float]) -> After:
    """What befalls the answer to a cancel or continue that was done."""
    if chance() < faults.done_but_error:
        return json_answer(refusals.UNKNOWN_500, 500)
    if chance() < faults.done_but_cut:
        return "cut"
    return "slow" if chance() < faults.done_but_slow else None


def merged(faults: Faults, changes: dict[str, Any]) -> Faults:
    """The faults with some of them changed; ValueError with what is wrong about a change."""
    return msgspec.convert({**msgspec.structs.asdict(faults), **changes}, Faults)


def proxy_page(status: int) -> Answer:
    """The HTML with which an nginx in front of the API refuses; one of TITLES."""
    title = TITLES[status]
    body = (
        f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n"
        "<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
    )
    return text_answer(body, status, "text/html").with_headers({"server": "nginx"})


def _rate_limited() -> Answer:
    refusal = refusals.user_rate_limited()
    body = msgspec.json.encode(refusal.body()).decode()
    return text_answer(body, 429).with_headers({"retry-after": str(RETRY_AFTER_SECONDS)})
