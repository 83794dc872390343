"""A question in words."""

import pytest

from deploybot.domain.page import Total
from deploybot.domain.query import Ago, Column, Op, Query, Sort, TimeFilter
from deploybot.domain.question import counted, in_words


@pytest.mark.parametrize(
    ("query", "words"),
    [
        (Query(), "deployments"),
        (Query(states=("failed",), apps=("a", "b")), "failed deployments of a or b"),
        (Query(strategies=("canary",), spaces=("s",), orgs=("o",)), "canary deployments in space s in org o"),
        (Query(apps=tuple("abcdefg")), "deployments of a, b, c or 4 more"),
        (Query(created=(TimeFilter(Op.GT, (Ago(2, "h"),)),)), "deployments, created after 2 hours ago"),
        (Query(status_reasons=("",)), "deployments, reason null"),
        (Query(sort=Sort(Column.UPDATED)), "deployments, last updated first"),
    ],
)
def test_a_question_in_words(query: Query, words: str) -> None:
    assert in_words(query) == words


def test_one_is_counted_as_one() -> None:
    assert counted(Total(1), Query()) == "1 deployment"
    assert counted(Total(0), Query()) == "no deployments"
    assert counted(Total(12_345), Query()) == "12,345 deployments"
    assert counted(Total(0, exact=False), Query()) == "no deployments found so far"
    assert counted(Total(40, exact=False), Query()) == "at least 40 deployments"
