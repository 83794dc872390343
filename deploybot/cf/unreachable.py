"""Why no answer came, in words for a person."""

import ssl

import httpx

CONNECT_SECONDS = 4.0


def unreachable(error: httpx.TransportError, status: int | None) -> str:
    """What to say of a request that failed; `status` is None where not even an answer began."""
    if status is not None:
        return "broke off its answer"
    if isinstance(error, httpx.UnsupportedProtocol):
        return "has no usable address: check `api` in the configuration"
    return f"could not be reached: {_cause(error)}"


def _cause(error: BaseException) -> str:
    """The first cause that says something to a person; the libraries in between say little."""
    seen: BaseException = error
    for _ in range(10):
        if isinstance(seen, ssl.SSLCertVerificationError):
            return f"its certificate is not trusted ({seen.verify_message})"
        if isinstance(seen, ConnectionRefusedError):
            return "nothing listens there"
        if isinstance(seen, OSError) and seen.strerror:
            return seen.strerror.rstrip(".").lower()
        if isinstance(seen, httpx.PoolTimeout):
            return "too much else is being asked of it"
        if isinstance(seen, httpx.ConnectTimeout):
            return f"no connection within {CONNECT_SECONDS:.0f} seconds"
        following = seen.exceptions[0] if isinstance(seen, BaseExceptionGroup) else seen.__cause__ or seen.__context__
        if following is None:
            break
        seen = following
    return "the connection was lost"
