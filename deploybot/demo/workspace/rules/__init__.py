"""What Slack refuses in Block Kit payloads: every problem with its JSON pointer and its reason; pure."""

from deploybot.demo.workspace.rules.payloads import counted_text, message_problems, suggestion_problems, view_problems
from deploybot.demo.workspace.rules.problem import Problem

__all__ = ["Problem", "counted_text", "message_problems", "suggestion_problems", "view_problems"]
