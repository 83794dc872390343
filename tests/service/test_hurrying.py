"""A foundation where something was just done is polled more often, for a while."""

from deploybot.service.hurrying import HURRY_SECONDS, Hurries


def test_a_foundation_is_hurried_for_a_while_and_no_other_is() -> None:
    time = [100.0]
    hurries = Hurries(lambda: time[0])
    assert not hurries.is_hurried("eu")
    hurries.hurry("eu")
    assert hurries.is_hurried("eu")
    assert not hurries.is_hurried("us")
    time[0] += HURRY_SECONDS
    assert not hurries.is_hurried("eu")
