"""How much of the server one exchange, one connection and all connections together may use."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HttpBounds:
    """`seconds` from a request's first byte (or the connection's begin) to the end of its answer; `idle` between two.

    `head` are the bytes of a request line and headers, `message` those of a whole request as it is sent. `connections`
    are open at most: one more closes the one that has waited longest. `held` bytes of unfinished requests are kept in
    all: the longest of them is given up beyond that.
    """

    seconds: float = 15.0
    idle: int = 5
    head: int = 16 * 1024
    message: int = 2_000_000
    connections: int = 200
    held: int = 32_000_000
    backlog: int = 100
