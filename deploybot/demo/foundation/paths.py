"""Which document a path means: extra slashes and a `.json` at the end do not matter to the server."""

import re

from deploybot.demo.foundation.rack import unescaped
from deploybot.demo.foundation.refusals import RackError, invalid_request

SUFFIX = re.compile(r"\.(json|xml)$")


def segments(raw_path: str) -> tuple[str, ...]:
    """The decoded parts of a path; RefusedError 10004 when they are not UTF-8."""
    try:
        parts = [unescaped(part.replace("+", "%2B")) for part in raw_path.split("/") if part]
    except RackError as error:
        raise invalid_request() from error
    if parts[:1] == ["v3"] and parts:
        parts[-1] = SUFFIX.sub("", parts[-1])
    return tuple(parts)


def names_format(raw_path: str) -> bool:
    """Whether the path itself asks for a format, so that the answer no longer varies by Accept."""
    return SUFFIX.search(raw_path) is not None
