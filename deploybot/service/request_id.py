"""The id of what is being done: in every line that is logged meanwhile, and what Cloud Foundry is told as its request.

It is kept in the context, so that tasks which are begun for a request belong to it.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

_BYTES = 6
"""As hexadecimal twelve characters: short enough to be read out by somebody who was told it."""


def new_request_id() -> str:
    return secrets.token_hex(_BYTES)


@contextmanager
def request(id_: str, **facts: str) -> Iterator[None]:
    """What is done in the block is done for the request of this id; `facts` are logged with it.

    Within another request the inner one counts, and it leaves nothing behind.
    """
    with structlog.contextvars.bound_contextvars(request_id=id_, **facts):
        yield


def request_id() -> str:
    """The id of the request that this is done for; "" where it is done for none."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))
