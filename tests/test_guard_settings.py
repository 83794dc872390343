"""Guards in the configuration: which apps, which channel, and times in their order."""

from datetime import timedelta
from pathlib import Path

import pytest

from deploybot.domain.guard import GuardRule
from deploybot.domain.pattern import Pattern
from deploybot.errors import ConfigError
from deploybot.settings.loading import load
from deploybot.settings.model import Settings

FOUNDATION = """
[foundations.eu]
api = "https://api.eu.example"
client_id = "deploybot"
client_secret = "s3cret"

[[guards]]
on = "foundation=eu space=prod"
channel = "C0CHECKOUT"
"""


def _loaded(directory: Path, text: str) -> Settings:
    file = directory / "bot.toml"
    file.write_text(FOUNDATION + text)
    return load(file, {}, transport=None)


def test_a_guard_is_what_it_says(tmp_path: Path) -> None:
    settings = _loaded(tmp_path, 'remind_after = "1h"\ntell_after = "2h"\ncancel_after = "1d"\n')
    assert [one.to_rule(number) for number, one in enumerate(settings.guards, 1)] == [
        GuardRule(
            "guard 1",
            (Pattern(foundations=("eu",), spaces=("prod",)),),
            "C0CHECKOUT",
            timedelta(hours=1),
            timedelta(hours=2),
            timedelta(days=1),
        )
    ]


def test_a_guard_may_have_a_name_and_only_one_time(tmp_path: Path) -> None:
    (guard,) = _loaded(tmp_path, 'name = "production"\ntell_after = "2h"\n').guards
    rule = guard.to_rule(1)
    assert rule.name == 'the guard "production"'
    assert (rule.remind_after, rule.tell_after, rule.cancel_after) == (None, timedelta(hours=2), None)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "without any of them it does nothing"),
        ('remind_after = "3h"\ntell_after = "2h"\n', "must not be shorter than the one before"),
        ('remind_after = "3h"\ncancel_after = "2h"\n', "must not be shorter than the one before"),
        ('tell_after = "0s"\n', "tell_after"),
    ],
)
def test_a_guard_that_makes_no_sense_is_refused_at_the_start(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        _loaded(tmp_path, text)
    assert any(said in problem and "guards" in problem for problem in caught.value.problems)
