"""What not all in a channel may read is withheld for good, and the rest is told as if there were nothing else."""

from hypothesis import given
from hypothesis import strategies as st

from deploybot.domain.access import ALL_SEEN, Right, Rule, Sight, Someone, Where, sight_of
from deploybot.domain.composing import ComposingRules, compose, compose_seen
from deploybot.domain.ledger import Kind
from deploybot.domain.pattern import Pattern
from deploybot.domain.storage import Withheld
from tests.domain.outgoing_factories import NOW, Waiting, pending, waiting

RULES = ComposingRules()


def seeing(*numbers: int) -> Sight:
    """Of the deployments d0, d1... the apps of these only."""
    on = (Pattern(apps=tuple(f"app-of-d{number}" for number in numbers)),)
    return sight_of([Rule("rule 1", ("everyone",), frozenset({Right.READ}), on=on)], Someone("U1"), Where("C1"))


told = st.lists(st.tuples(st.integers(0, 5), st.sampled_from(Kind), st.booleans()), min_size=1, max_size=20).map(
    lambda drawn: tuple(
        waiting(f"d{number}", kind, ordinal, mentions=("<!here>",), late=late)
        for ordinal, (number, kind, late) in enumerate(drawn, start=1)
    )
)


@given(told, st.sets(st.integers(0, 5), min_size=1), st.sets(st.integers(0, 5)), st.integers(0, 6))
def test_what_is_told_is_what_would_be_told_if_there_were_nothing_else(
    waits: tuple[Waiting, ...], numbers: set[int], known: set[int], queued: int
) -> None:
    sight = seeing(*numbers)
    threads = {f"d{number}": f"root-{number}" for number in known}
    seen = tuple(one for one in waits if sight.entry(one[2]))
    composed = compose_seen(pending(*waits, threads=threads, queued=queued), NOW, RULES, sight)
    withheld = [one for one in composed if isinstance(one, Withheld)]
    rest = tuple(one for one in composed if not isinstance(one, Withheld))
    assert rest == compose(pending(*seen, threads=threads, queued=queued), NOW, RULES)
    assert [told for one in withheld for told in one.tells] == [one[0] for one in waits if not sight.entry(one[2])]


def test_where_nothing_is_kept_from_anybody_nothing_is_withheld() -> None:
    waits = pending(waiting("d1"), waiting("d2"))
    assert compose_seen(waits, NOW, RULES, ALL_SEEN) == compose(waits, NOW, RULES)
