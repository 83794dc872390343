"""What somebody asks for, in one word for figures and traces: from closed sets, whatever they typed."""

from collections.abc import Collection

from deploybot.domain.grammar import parse
from deploybot.domain.telemetry import How
from deploybot.errors import UserError
from deploybot.slack.answering import question
from deploybot.slack.payload import Interaction

OTHER = "other"
"""What can't be read, or is none of the bot's."""


class Verbs:
    """`clicks` is what action ids may begin with, up to the first `_`; `forms` are callback ids."""

    def __init__(self, clicks: Collection[str], forms: Collection[str], bot_user: str) -> None:
        self._clicks, self._forms, self._bot_user = frozenset(clicks), frozenset(forms), bot_user

    def __call__(self, asked: Interaction) -> str:
        """The verb of a command or mention, the kind of a button, the name of a form."""
        match asked.how:
            case How.CLICK:
                kind = asked.action.partition("_")[0]
                return kind if kind in self._clicks else OTHER
            case How.FORM:
                return asked.action if asked.action in self._forms else OTHER
            case How.MENTION:
                return _typed(question(asked.text, self._bot_user))
            case How.COMMAND:
                return _typed(asked.text)


def _typed(text: str) -> str:
    try:
        return parse(text).verb
    except UserError:
        return OTHER
