"""What asks people to decide: a request for a second person's agreement, and the forgotten canary guard's words."""

from deploybot.domain.approval import Approval
from deploybot.domain.outgoing import GuardBody
from deploybot.slack.blocks.elements import repeated, repeated_text, section
from deploybot.slack.blocks.look import Look
from deploybot.slack.limits import Message, fit_message
from deploybot.slack.text import escape


def approval_message(approval: Approval, look: Look, *, repeat: bool = False) -> Message:  # noqa: ARG001
    """The request as it stands now."""
    told = f"{approval.bound.action} {approval.app}: {approval.state}"
    return fit_message(
        lambda width: {
            "text": repeated_text(escape(told, width), repeat),
            "blocks": [section([escape(told, width)]), *repeated(repeat)],
        }
    )


def guard_message(body: GuardBody, look: Look, *, repeat: bool = False) -> Message:  # noqa: ARG001
    """A paused deployment that seems forgotten."""
    return fit_message(
        lambda width: {
            "text": repeated_text(escape(body.text, width), repeat),
            "blocks": [section([escape(body.text, width)]), *repeated(repeat)],
        }
    )
