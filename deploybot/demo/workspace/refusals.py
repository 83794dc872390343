"""The answer `{"ok": false, "error": ...}` as an exception, so that a rule can refuse wherever it stands."""

from collections.abc import Sequence
from typing import Any


class RefusedError(Exception):
    """Slack says no. `error` is its word for it, `answer` what else the body holds, `retry_after` whole seconds."""

    def __init__(self, error: str, *, retry_after: int | None = None, **answer: Any) -> None:
        super().__init__(error)
        self.error = error
        self.retry_after = retry_after
        self.answer = answer

    def to_json(self) -> dict[str, Any]:
        return {"ok": False, "error": self.error, **self.answer}


def invalid(error: str, reasons: Sequence[str]) -> RefusedError:
    """`invalid_blocks` or `invalid_arguments`, with each reason in the shape `why [json-pointer:/where]`."""
    messages = [f"[ERROR] {reason}" for reason in reasons]
    return RefusedError(error, errors=list(reasons), response_metadata={"messages": messages})
