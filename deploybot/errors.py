"""The three failures that the bot knows by name; everything else is a bug and is told as an apology."""

from collections.abc import Sequence


class UserError(Exception):
    """What the person can put right. The text says in one sentence what to do next, and is shown as is."""


class UpstreamError(Exception):
    """A foundation that could not answer: which one, and why in words. It becomes a line on the page.

    `retry_after` is in seconds where the foundation named a wait, `request_id` is its own id of the request,
    `status` the HTTP status where there was one.
    """

    def __init__(
        self,
        foundation: str,
        reason: str,
        *,
        status: int | None = None,
        retry_after: float | None = None,
        request_id: str | None = None,
    ) -> None:
        super().__init__(f"{foundation}: {reason}")
        self.foundation = foundation
        self.reason = reason
        self.status = status
        self.retry_after = retry_after
        self.request_id = request_id


class ConfigError(Exception):
    """Everything that is wrong with the configuration, at once: one sentence a problem, each with its fix."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)
