"""What Slack and keyboards do to typed text is undone: once, and only that."""

import pytest

from deploybot.domain.typed import as_typed


@pytest.mark.parametrize(
    ("received", "typed"),
    [
        ("created&gt;=2026-01-01", "created>=2026-01-01"),
        ("created>=2026-01-01", "created>=2026-01-01"),
        ("created&lt;2h created&gt;7d", "created<2h created>7d"),
        ("app=R&amp;D", "app=R&D"),
        ("app=R&D", "app=R&D"),
        ("app=&amp;lt;b&amp;gt;", "app=&lt;b&gt;"),
        ("app=&amp;amp;", "app=&amp;"),
        ("app=“my app”", 'app="my app"'),
        ("app=„my app‟", 'app="my app"'),
        ("app=«my app»", 'app="my app"'),
        ("app=‘my app’", "app='my app'"),
        ("sort=–created", "sort=-created"),
        ("app=a—b", "app=a--b"),
        ("app=a\u2011b", "app=a-b"),
        ("sort=\u2212created", "sort=-created"),
        ("app=a\u00a0state=failed", "app=a state=failed"),
        ("app=a\u2003\u202f\u3000\tstate=failed", "app=a    state=failed"),
        ("app=a\nstate=failed\r\n", "app=a state=failed"),
        ("app=\u2068check\u200bout\u2069\ufeff", "app=checkout"),
        ("app=a\ud800b", "app=ab"),
        ("created≥2h created≤1h", "created>=2h created<=1h"),
        ("app=<http://shop.example.com|shop.example.com>", "app=shop.example.com"),
        ("app=<https://shop.example.com/a?b=1&amp;c=2>", "app=https://shop.example.com/a?b=1&c=2"),
        ("by=<mailto:ann@example.com|ann@example.com>", "by=ann@example.com"),
        ("by=<mailto:ann@example.com>", "by=ann@example.com"),
        ("by=<@U123>", "by=@U123"),
        ("by=<@U123|ann>", "by=@ann"),
        ("<#C123|ops> <#C123> <#C123|>", "#ops #C123 #C123"),
        ("<!here> <!subteam^S1|@team>", "@here @team"),
        ("created<2026-02-01 created>2026-01-01", "created<2026-02-01 created>2026-01-01"),
        ("app=a<b>c", "app=a<b>c"),
        ("`app=checkout`", "app=checkout"),
        ("```app=checkout```", "app=checkout"),
        ("  app=checkout  ", "app=checkout"),
        ('app="a  b"', 'app="a  b"'),
        ("app=🦜", "app=🦜"),
        ("", ""),
    ],
)
def test_distorted_text_becomes_what_was_typed(received: str, typed: str) -> None:
    assert as_typed(received) == typed
