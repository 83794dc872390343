"""What the demo's bot is told about who may do what where, as a team would write it into its `deploybot.toml`."""

from pathlib import Path

FILE = "deploybot.toml"
RULES = """\
# Carol is a guest of the workspace, and dave, who is in #partner, works for another company.

[[access.rules]]
name = "members read"
who = "members"
may = ["read", "subscribe", "watch"]

[[access.rules]]
name = "guests see the shop"
who = "everyone"
may = "read"
where = ["C0GENERAL1", "C0CHECKOUT"]
on = "org=acme-retail"

[[access.rules]]
name = "nothing in #partner"
who = "everyone"
may = ["read", "subscribe", "watch", "continue", "cancel"]
where = "C0PARTNER1"
effect = "deny"

# In #checkout one person is enough; in #oncall a second one must agree about production.
[[access.rules]]
name = "members act"
who = "members"
may = ["continue", "cancel"]
where = ["C0CHECKOUT", "C0ONCALL01"]

[[access.rules]]
name = "two people for production"
who = "members"
may = ["continue", "cancel"]
where = "C0ONCALL01"
on = "space=production"
approvals = 1

[[access.rules]]
name = "alice looks back"
who = "U0ALICE001"
may = "audit"
"""


def write_rules(home: Path) -> None:
    """Put them where the bot that is started in this directory looks for them."""
    (home / FILE).write_text(RULES)
