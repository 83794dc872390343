"""The cache forgets: what is old, and the oldest when it is full."""

from deploybot.cf.cache import Cache


def test_a_value_is_kept_for_its_time_and_no_longer() -> None:
    now = [0.0]
    cache = Cache[str, int | None](10, 60, lambda: now[0])
    cache["a"] = None

    now[0] = 59.9
    assert "a" in cache
    assert cache["a"] is None
    now[0] = 60.0
    assert "a" not in cache


def test_a_full_cache_forgets_the_oldest() -> None:
    cache = Cache[str, int](2, 60)
    cache["a"], cache["b"], cache["a"], cache["c"] = 1, 2, 3, 4

    assert len(cache) == 2
    assert "b" not in cache
    assert (cache["a"], cache["c"]) == (3, 4)


def test_many_keys_are_looked_up_at_one_instant() -> None:
    now = [0.0]
    cache = Cache[str, int](10, 60, lambda: now[0])
    cache["a"] = 1
    now[0] = 30
    cache["b"] = 2

    assert cache.known(["a", "b", "c", "b"]) == {"a": 1, "b": 2}
    now[0] = 60
    assert cache.known(["a", "b"]) == {"b": 2}
