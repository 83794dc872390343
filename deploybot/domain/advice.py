"""What to do next about a deployment, in words: Cloud Foundry itself never says."""

from shlex import quote

from deploybot.domain.outcome import Outcome
from deploybot.domain.page import Row


def advice(row: Row) -> str:
    """One or two sentences for the person who looks at this deployment now."""
    app = quote(row.app.name) if row.app else "the app"
    match row.verdict.outcome:
        case Outcome.PAUSED:
            return _paused(row, app)
        case Outcome.STALLED | Outcome.FAILED if row.deployment.is_active:
            return (
                f"It goes on trying for ever. See why the new version fails (cf logs {app} --recent), then deploy a "
                f"fixed version, or put the previous one back: press Cancel, or type cf cancel-deployment {app} in a "
                "terminal."
            )
        case Outcome.ERRORING:
            return "Errors often clear by themselves at the next tick. Wait for a minute, then refresh."
        case Outcome.FAILED:
            return f"The new version did not get healthy and is gone. See cf logs {app} --recent, then deploy a fix."
        case Outcome.IN_PROGRESS | Outcome.CANCELING:
            return "Nothing: it is under way. Refresh to see how far it is."
        case Outcome.SUCCEEDED:
            return "Nothing: this version is live, unless a later deployment replaced it."
        case Outcome.CANCELED:
            return "The previous version was put back. Deploy again when the reason for the cancel is gone."
        case Outcome.SUPERSEDED:
            return f"A later deployment took over: see cf app {app}, or ask for all deployments of this app."
        case _:
            return "I do not know this status. The raw words above are what the server says."


def _paused(row: Row, app: str) -> str:
    steps = row.deployment.canary_steps
    current, total = (steps.current, steps.total) if steps else (None, None)
    where = f"step {current} of {total}" if current and total else "its pause"
    return (
        f"It waits at {where} until a person decides, and never times out. Continue goes on, Cancel puts the previous "
        f"version back. In a terminal: cf continue-deployment {app}, or cf cancel-deployment {app}."
    )
