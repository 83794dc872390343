"""A notifier whose posts a test takes over."""

from collections.abc import Callable
from typing import Any

from tests.fake_notifier import FakeNotifier


class Overtaken:
    """A notifier whose posts go another way."""

    def __init__(self, real: FakeNotifier, post: Callable[[Any], Any]) -> None:
        self._real, self.post = real, post

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)
