"""Questions -> paths: writes parameters the way the Cloud Controller reads them.

A list is split at its commas after the first decoding, and each element is decoded a second time. What would not
survive that (a comma, a percent sign, a plus, leading blanks) is therefore encoded twice inside a list, and only there.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from urllib.parse import quote

from deploybot.domain.ports import DeploymentsAsk, Times

Pair = tuple[str, str]

DEFAULT_PER_PAGE = 50
"""The server's own: left out of the path, like page 1."""


def deployments_path(ask: DeploymentsAsk) -> str:
    """Path and query of `GET /v3/deployments`. A time without a zone is a ValueError, as is `equal` beside bounds."""
    return path("/v3/deployments", _deployments_pairs(ask))


def asks_for_nothing(ask: DeploymentsAsk) -> bool:
    """An empty list matches nothing. It can't be said in the path: `status_reasons=` means "reason is null"."""
    lists = (ask.guids, ask.app_guids, ask.states, ask.status_values, ask.status_reasons)
    return any(values is not None and not values for values in lists)


def path(resource: str, pairs: Iterable[Pair]) -> str:
    """Path with its query; keys and values are encoded once here. Nothing but a comma may stay as it is."""
    query = "&".join(f"{_quoted(key)}={_quoted(value, safe=',')}" for key, value in pairs)
    return f"{resource}?{query}" if query else resource


def segment(text: str) -> str:
    """One segment of a path: whatever a person typed can't leave it (`.` and `..` included)."""
    return "%2E" * len(text) if text in {".", ".."} else _quoted(text)


def many(values: Iterable[str]) -> str:
    """A list as one value; see the module's sentence."""
    return ",".join(_element(value) for value in values)


def timestamp(at: datetime) -> str:
    """`YYYY-MM-DDThh:mm:ssZ` in UTC, the only form that the server takes; a fraction is dropped."""
    if at.tzinfo is None:
        raise ValueError(f"a time without a zone: {at.isoformat()}")
    return at.astimezone(UTC).isoformat(timespec="seconds").removesuffix("+00:00") + "Z"


def times(key: str, filters: Times) -> Iterator[Pair]:
    """`created_ats=...` or `created_ats[gte]=...`; bounds combine, the two forms do not."""
    bounds = [(name, at) for name in ("lt", "lte", "gt", "gte") if (at := getattr(filters, name)) is not None]
    if filters.equal and bounds:
        raise ValueError(f"{key}: equal times and bounds can't be sent together")
    if filters.equal:
        yield key, ",".join(timestamp(at) for at in filters.equal)
    for name, at in bounds:
        yield f"{key}[{name}]", timestamp(at)


def _deployments_pairs(ask: DeploymentsAsk) -> Iterator[Pair]:
    if ask.page != 1:
        yield "page", str(ask.page)
    if ask.per_page != DEFAULT_PER_PAGE:
        yield "per_page", str(ask.per_page)
    if ask.order_by:
        yield "order_by", ask.order_by
    yield from times("created_ats", ask.created)
    yield from times("updated_ats", ask.updated)
    for key in ("guids", "app_guids", "states", "status_values", "status_reasons"):
        values: tuple[str, ...] | None = getattr(ask, key)
        if values is not None:
            yield key, many(values)
    if ask.label_selector is not None:
        yield "label_selector", ask.label_selector


def _element(value: str) -> str:
    escaped = value.replace("%", "%25").replace(",", "%2C").replace("+", "%2B")
    blanks = len(escaped) - len(escaped.lstrip())
    return quote(escaped[:blanks], safe="") + escaped[blanks:]


def _quoted(text: str, safe: str = "") -> str:
    """Half a surrogate pair, which no server could read, becomes a question mark."""
    return quote(text, safe=safe, errors="replace")
