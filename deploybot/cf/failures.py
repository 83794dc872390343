"""(status, headers, bytes) -> a typed failure with a sentence for a person, in every shape that a foundation sends.

Cloud Controller answers `{"errors": [...]}`, on old paths `{"description", "error_code", "code"}`, sometimes JSON typed
as text; proxies in front of it answer HTML or nothing. The sentence never quotes a body that is not such JSON.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import msgspec

from deploybot.cf.wire import BAD_JSON
from deploybot.errors import UpstreamError

INVALID_TOKEN = 1000
RESOURCE_NOT_FOUND = 10010
LONGEST_DETAIL = 300
MOST_ERRORS = 10
REQUEST_ID = re.compile(r"[\w:.-]{1,300}")


@dataclass(frozen=True, slots=True)
class ErrorEntry:
    """One error object. Cloud Controller advises to go by code and title, not by detail."""

    code: int | None = None
    title: str = ""
    detail: str = ""


class CloudFoundryError(UpstreamError):
    """A foundation's failure with all that its answer told; a subclass for each kind that callers tell apart."""

    def __init__(
        self,
        foundation: str,
        reason: str,
        *,
        errors: tuple[ErrorEntry, ...] = (),
        status: int | None = None,
        retry_after: float | None = None,
        request_id: str | None = None,
    ) -> None:
        super().__init__(foundation, reason, status=status, retry_after=retry_after, request_id=request_id)
        self.errors = errors

    @property
    def codes(self) -> tuple[int, ...]:
        return tuple(error.code for error in self.errors if error.code is not None)

    @property
    def titles(self) -> tuple[str, ...]:
        return tuple(error.title for error in self.errors if error.title)

    @property
    def details(self) -> tuple[str, ...]:
        return tuple(error.detail for error in self.errors if error.detail)


class BadRequestError(CloudFoundryError):
    """400: the question was refused."""


class NotAuthenticatedError(CloudFoundryError):
    """401: no token, or one that is not accepted (codes 10002, 1000)."""


class LoginRefusedError(NotAuthenticatedError):
    """UAA did not accept the configured client, user or refresh token."""


class ForbiddenError(CloudFoundryError):
    """403: a scope or a role is missing, or the org or space is suspended."""


class NotFoundError(CloudFoundryError):
    """404: no such thing, or one that the token may not see."""


class ConflictError(CloudFoundryError):
    """409."""


class UnprocessableError(CloudFoundryError):
    """422: understood, but not possible in this state."""


class RateLimitedError(CloudFoundryError):
    """429: `retry_after` says how long, where the limit is Cloud Controller's own and not the proxy's."""


class ServerError(CloudFoundryError):
    """500 and other statuses that tell of trouble inside."""


class UnavailableError(CloudFoundryError):
    """502, 503, 504: likely to pass."""


class RedirectedError(CloudFoundryError):
    """3xx: the configured address is not the API's; a token is never taken elsewhere."""


class UnreachableError(CloudFoundryError):
    """No answer at all, or one that broke off: names, TLS, connections."""


class TooSlowError(CloudFoundryError):
    """The deadline came first."""


class GarbledError(CloudFoundryError):
    """An answer that is not the JSON it should be, or far too much of it."""


KINDS: Mapping[int, type[CloudFoundryError]] = {
    400: BadRequestError,
    401: NotAuthenticatedError,
    403: ForbiddenError,
    404: NotFoundError,
    409: ConflictError,
    422: UnprocessableError,
    429: RateLimitedError,
    502: UnavailableError,
    503: UnavailableError,
    504: UnavailableError,
}

REASONS: Mapping[type[CloudFoundryError], str] = {
    BadRequestError: "did not accept the question",
    NotAuthenticatedError: "does not accept the token of the bot",
    ForbiddenError: "does not allow the bot to do this",
    NotFoundError: "does not know this, or does not show it to the bot",
    ConflictError: "is busy with the same thing",
    UnprocessableError: "can't do this now",
    RateLimitedError: "limits how often the bot may ask",
    ServerError: "had an internal error",
    UnavailableError: "is not available at the moment",
}


def failure(foundation: str, status: int, headers: Mapping[str, str], body: bytes) -> CloudFoundryError:
    """What an answer other than 2xx means. `headers` are looked up in lower case."""
    if 300 <= status < 400:
        return RedirectedError(foundation, _redirected(headers.get("location", "")), status=status)
    kind = KINDS.get(status, ServerError if status >= 500 else BadRequestError)
    errors = error_entries(body)
    wait = retry_after(headers)
    return kind(
        foundation,
        _reason(kind, status, errors, wait),
        errors=errors,
        status=status,
        retry_after=wait,
        request_id=request_id(headers),
    )


def error_entries(body: bytes) -> tuple[ErrorEntry, ...]:
    """The error objects of a body in any of the JSON shapes, whatever its content type; () for anything else."""
    try:
        told = msgspec.json.decode(body)
    except BAD_JSON:
        return ()
    return tuple(_entries(told))[:MOST_ERRORS]


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds; Cloud Controller sends whole seconds, never a date."""
    text = headers.get("retry-after", "").strip()
    return float(text) if text.isascii() and text.isdigit() and len(text) < 9 else None


def request_id(headers: Mapping[str, str]) -> str | None:
    """The foundation's own id of the request, for its operators' logs."""
    text = headers.get("x-vcap-request-id", "")
    return text if REQUEST_ID.fullmatch(text) else None


def in_words(seconds: float) -> str:
    """A wait for a person: `40 seconds`, `20 minutes`."""
    amount, unit = (round(seconds), "second") if seconds < 90 else (round(seconds / 60), "minute")
    return f"{amount} {unit}" + ("" if amount == 1 else "s")


def _entries(told: Any) -> Iterator[ErrorEntry]:
    if not isinstance(told, dict):
        return
    listed = told.get("errors")
    for each in listed if isinstance(listed, list) else [told]:
        if isinstance(each, dict):
            code = each.get("code")
            title = each.get("title") or each.get("error_code") or each.get("error")
            detail = each.get("detail") or each.get("description") or each.get("error_description")
            entry = ErrorEntry(code if isinstance(code, int) else None, _line(title), _line(detail))
            if entry != ErrorEntry():
                yield entry


def _line(text: Any) -> str:
    """A server's sentence on one line, cut where nobody reads on; characters that print nothing become blanks."""
    if not isinstance(text, str):
        return ""
    printable = "".join(character if character.isprintable() else " " for character in text[: 4 * LONGEST_DETAIL])
    line = " ".join(printable.split())
    return line if len(line) <= LONGEST_DETAIL else line[: LONGEST_DETAIL - 1] + "…"


def _reason(kind: type[CloudFoundryError], status: int, errors: tuple[ErrorEntry, ...], wait: float | None) -> str:
    told = "; ".join(dict.fromkeys(error.detail or error.title for error in errors))
    reason = f"{REASONS[kind]}: {told}" if told else f"{REASONS[kind]} (HTTP {status})"
    if wait is None or kind not in {RateLimitedError, UnavailableError}:
        return reason
    return f"{reason.removesuffix('.')}. Ask again in {in_words(wait)}"


def _redirected(location: str) -> str:
    try:
        host = urlsplit(location).hostname
    except ValueError:
        host = None
    to = f" to {_line(host)}" if host else ""
    return f"redirects{to} instead of answering: check its API address in the configuration"
