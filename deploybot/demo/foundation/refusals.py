"""The server's ways to say no: code, title and detail of each error, and the shapes they are written in."""

from typing import Any

UNKNOWN_500 = {"errors": [{"title": "UnknownError", "detail": "An unknown error occurred.", "code": 10001}]}
RACK_500 = (
    "500 Internal Server Error\n"
    "If you are the administrator of this website, then please read this web application's log file "
    "and/or the web server's log file to find out what went wrong."
)


class RefusedError(Exception):
    """An error of the API; title and code as the server's list of errors has them, without the `CF-`."""

    def __init__(self, status: int, code: int, name: str, detail: str) -> None:
        super().__init__(detail)
        self.status, self.code, self.name, self.detail = status, code, name, detail

    def body(self) -> dict[str, Any]:
        return {"errors": [{"detail": self.detail, "title": f"CF-{self.name}", "code": self.code}]}

    def v2_body(self) -> dict[str, Any]:
        """The older shape, for every path outside /v3."""
        return {"description": self.detail, "error_code": f"CF-{self.name}", "code": self.code}


class BreakdownError(Exception):
    """The server breaks (500 as JSON) where it should have refused."""


class RackError(Exception):
    """The server breaks before its application runs (500 as plain text): parameters that make no sense."""


def not_authenticated() -> RefusedError:
    return RefusedError(401, 10002, "NotAuthenticated", "Authentication error")


def invalid_token() -> RefusedError:
    return RefusedError(401, 1000, "InvalidAuthToken", "Invalid Auth Token")


def not_authorized() -> RefusedError:
    return RefusedError(403, 10003, "NotAuthorized", "You are not authorized to perform the requested action")


def invalid_request() -> RefusedError:
    return RefusedError(400, 10004, "InvalidRequest", "The request is invalid")


def bad_query(problems: list[str]) -> RefusedError:
    return RefusedError(400, 10005, "BadQueryParameter", "The query parameter is invalid: " + ", ".join(problems))


def parse_error() -> RefusedError:
    return RefusedError(400, 1001, "MessageParseError", "Request invalid due to parse error: invalid request body")


def unprocessable(detail: str) -> RefusedError:
    return RefusedError(422, 10008, "UnprocessableEntity", detail)


def not_found(what: str) -> RefusedError:
    return RefusedError(404, 10010, "ResourceNotFound", f"{what} not found")


def unknown_request() -> RefusedError:
    return RefusedError(404, 10000, "NotFound", "Unknown request")


def organization_suspended() -> RefusedError:
    return RefusedError(403, 10017, "OrgSuspended", "The organization is suspended")


def space_suspended() -> RefusedError:
    return RefusedError(403, 10019, "SpaceSuspended", "The space is suspended")


def being_deleted(what: str) -> RefusedError:
    return RefusedError(422, 10020, "ResourceBeingDeleted", f"The {what} is being deleted")


def user_rate_limited() -> RefusedError:
    return RefusedError(429, 10013, "RateLimitExceeded", "Rate Limit Exceeded")


def address_rate_limited() -> RefusedError:
    detail = (
        "Rate Limit Exceeded: Unauthenticated requests from this IP address have exceeded the limit. Please log in."
    )
    return RefusedError(429, 10014, "IPBasedRateLimitExceeded", detail)
