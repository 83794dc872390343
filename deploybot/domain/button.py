"""A question and a turn of its page as the text of a button: whoever gets the click can answer it, also weeks later."""

from deploybot.domain.grammar import ROWS_IN_SLACK, parse, query_text
from deploybot.domain.paging import MAX_TURN, Turn, parse_turn, turn_text
from deploybot.domain.query import Command, Query, Verb
from deploybot.errors import UserError

MOST = 2000
"""Characters that Slack lets a button's value hold. https://docs.slack.dev/reference/block-kit/block-elements/button-element"""

_VERSION = "1"
_MOST_ASKED = MOST - len(_VERSION) - MAX_TURN - 2
"""More than anybody may type: the asker's time zone was added since."""
_NOT_MINE = "This button is not one of mine any more; type the question again."


def button_text(turn: Turn, query: Query) -> str:
    """The button's text: version, turn and canonical question. It fits whatever `parse` made, a time zone added."""
    return " ".join(filter(None, (_VERSION, turn_text(turn), query_text(query))))


def parse_button(text: str) -> tuple[Turn, Query]:
    """What `button_text` wrote, checked as strictly as what somebody types; a UserError for anything else."""
    version, _, rest = text.partition(" ")
    turn, _, asked = rest.partition(" ")
    if version != _VERSION:
        raise UserError(_NOT_MINE)
    command = parse(asked, most_rows=ROWS_IN_SLACK, most_canonical=_MOST_ASKED)
    if command != Command(Verb.LIST, query=command.query):
        raise UserError(_NOT_MINE)
    return parse_turn(turn), command.query
