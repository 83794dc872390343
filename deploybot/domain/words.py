"""A row in the words that every surface uses: Slack and the terminal say the same of a deployment."""

from dataclasses import replace

from deploybot.domain.deployment import App, Progress
from deploybot.domain.outcome import Outcome
from deploybot.domain.page import Page, Row
from deploybot.domain.query import Query

SIGNS = {
    Outcome.IN_PROGRESS: "🔄",
    Outcome.CANCELING: "↩️",
    Outcome.PAUSED: "⏸️",
    Outcome.ERRORING: "⚠️",
    Outcome.STALLED: "🐢",
    Outcome.FAILED: "❌",
    Outcome.SUCCEEDED: "✅",
    Outcome.CANCELED: "🚫",
    Outcome.SUPERSEDED: "⏭️",
    Outcome.UNKNOWN: "❔",
}


def app_name(row: Row) -> str:
    """The app's name, else its guid, else that it is unknown."""
    return (row.app.name if row.app else row.deployment.app_guid) or "unknown app"


def untold_error(row: Row) -> str | None:
    """The deployment's error, unless the reason of its outcome has told it already."""
    error = row.deployment.error
    return None if error and error in row.verdict.why else error


def asked_of(page: Page) -> Query:
    """The page's question as people say it: apps by the names that rows gave their guids, a sole foundation unnamed."""
    names = {row.app.guid: row.app.name for row in page.rows if row.app}
    apps = tuple(dict.fromkeys(names.get(app, app) for app in page.query.apps))
    return replace(page.query, apps=apps, foundations=page.query.foundations if page.several_foundations else ())


def where(row: Row, *, several_foundations: bool) -> str:
    """`org/space`, and the foundation where there are several; as it is, so escape it."""
    place = _space(row.app) if row.app else ""
    return " on ".join(part for part in (place, row.foundation if several_foundations else "") if part)


def _space(app: App) -> str:
    if not app.space:
        return ""
    return f"{app.space.org.name}/{app.space.name}" if app.space.org else app.space.name


def rollout(row: Row) -> str:
    """`canary, step 2/4, instances 3/6`"""
    parts = [row.deployment.strategy or "strategy unknown", step(row), instances(row.progress)]
    return ", ".join(part for part in parts if part)


def step(row: Row) -> str:
    """`step 2/4` of a canary, as far as the server says."""
    steps = row.deployment.canary_steps
    if not steps or steps.total is None:
        return ""
    return f"step {'?' if steps.current is None else steps.current}/{steps.total}"


def instances(progress: Progress | None) -> str:
    """`instances 3/6`: how many of the new version run, of how many it will have."""
    if not progress:
        return ""
    goal = progress.new.desired if progress.goal is None else progress.goal
    return f"instances {progress.new.running}/{goal}"
