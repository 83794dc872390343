"""An entry of the ledger reads like the deployment that it remembers."""

from deploybot.domain.entry_row import row_of
from deploybot.domain.outcome import Outcome
from tests.slack.told import entry


def test_a_row_has_all_that_the_entry_knows() -> None:
    row = row_of(entry(labels=(("env", "prod"),)))
    assert (row.foundation, row.deployment.guid) == ("eu", entry().guid)
    assert row.app is not None
    assert row.app.space is not None
    assert row.app.space.org is not None
    assert (row.app.name, row.app.space.name, row.app.space.org.name) == ("checkout", "prod", "shop")
    assert row.deployment.canary_steps is not None
    assert (row.deployment.canary_steps.current, row.deployment.canary_steps.total) == (2, 4)
    assert (row.deployment.error, row.deployment.app_guid) == ("instance is crashing", "app-guid-1")
    assert row.deployment.is_active
    assert row.by is not None
    assert row.by.shown == "ada@example.com"
    assert row.verdict.why == "no instance got healthy for 20 min"


def test_what_is_not_known_is_none() -> None:
    row = row_of(entry(app="", app_guid="", by="", step=None, steps=None, error="", revision=None, strategy=""))
    assert (row.app, row.by, row.deployment.canary_steps, row.deployment.error) == (None, None, None, None)
    assert (row.deployment.revision, row.deployment.strategy, row.deployment.app_guid) == (None, None, None)


def test_a_reason_that_only_was_true_at_the_look_is_left_out() -> None:
    assert row_of(entry(outcome=Outcome.IN_PROGRESS, why="last progress 3 s ago")).verdict.why == ""
    waits = row_of(entry(outcome=Outcome.PAUSED, why="waits at step 2 of 4 for a person to decide, for 3 min now"))
    assert waits.verdict.why == "waits at step 2 of 4 for a person to decide"
