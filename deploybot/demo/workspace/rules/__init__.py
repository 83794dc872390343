"""What Slack refuses in Block Kit payloads: every problem with its JSON pointer and its reason; pure."""

from typing import Any

from deploybot.demo.workspace.rules.problem import Problem

__all__ = ["Problem", "message_problems", "view_problems"]


def message_problems(blocks: list[Any]) -> tuple[Problem, ...]:
    if len(blocks) > 50:
        return (Problem("/blocks", "no more than 50 items allowed"),)
    return ()


def view_problems(view: dict[str, Any]) -> tuple[Problem, ...]:
    if len(view.get("blocks", ())) > 100:
        return (Problem("/view/blocks", "no more than 100 items allowed", "invalid_arguments"),)
    return ()
