"""Recorded pages, damaged: rows and remarks, or one error that names the foundation's answer as what it is."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from deploybot.cf import wire
from tests.recordings import exchanges

_READ = (wire.DEPLOYMENTS, wire.APPS, wire.SPACES, wire.ORGS, wire.PROCESSES, wire.EVENTS)
KINDS: tuple[wire.Resource[Any], ...] = _READ


def recorded() -> list[bytes]:
    """Bodies of pages as a server sent them, short ones first."""
    told = [one["body"] for one in exchanges()]
    bodies = {body if isinstance(body, str) else json.dumps(body) for body in told if body}
    return [body.encode() for body in sorted(bodies, key=len) if '"resources"' in body][:60]


PAGES = recorded()
BITS = st.sampled_from([b"", b"null", b"[]", b"{", b'"', b"\xff", b"1e999", b"-1", b'"\\ud800"', b"[" * 2_000])


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A page in which some stretches are replaced, or which is cut off."""
    body = draw(st.sampled_from(PAGES))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(body)))
        until = min(len(body), at + draw(st.integers(0, 60)))
        body = body[:at] + draw(st.one_of(BITS, st.binary(max_size=10))) + body[until:]
    return body[: draw(st.integers(0, len(body)))] if draw(st.booleans()) else body


@given(damaged(), st.sampled_from(KINDS))
def test_a_damaged_page_is_rows_and_remarks_or_unreadable(body: bytes, kind: wire.Resource[Any]) -> None:
    try:
        page = kind.page(body)
        following = page.next_path
    except wire.UnreadableError as told:
        assert str(told)
        return
    assert len(page.rows) + len(page.problems) == page.sent
    assert following is None or following.startswith("/")


@given(damaged())
def test_a_damaged_description_is_one_or_unreadable(body: bytes) -> None:
    try:
        assert wire.read_info(body) is not None
    except wire.UnreadableError as told:
        assert str(told)


def test_there_are_pages_to_damage() -> None:
    assert len(PAGES) > 20
