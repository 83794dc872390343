"""What is remembered only for a while stays small, and the latest stays."""

from hypothesis import given
from hypothesis import strategies as st

from deploybot.service.latest import Latest


@given(st.lists(st.integers(0, 30)), st.integers(1, 10))
def test_the_latest_keys_are_kept_and_no_more_than_so_many(keys: list[int], most: int) -> None:
    latest: Latest[int, int] = Latest(most)
    for at, key in enumerate(keys):
        latest[key] = at
    wanted = list(dict.fromkeys(reversed(keys)))[:most]
    assert list(latest) == list(reversed(wanted))
    assert all(keys[at] == key for key, at in latest.items())
