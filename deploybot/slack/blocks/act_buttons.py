"""The buttons by which a deployment is continued, canceled and watched, drawn as far as they would do something now."""

from collections.abc import Iterator

from deploybot.domain.acting import Action, Bound, Stand, bound_text, possible
from deploybot.slack.blocks.elements import Element, button
from deploybot.slack.limits import BUTTON_VALUE
from deploybot.slack.text import size

_LOOKS = {
    Action.CONTINUE: ("Continue", "primary", "Have this deployment go on; I ask once more before"),
    Action.CANCEL: ("Cancel", "danger", "Put the previous version back; I ask once more before"),
}


def act_buttons(foundation: str, guid: str, stand: Stand, *, watch: bool) -> list[Element]:
    """What Cloud Foundry would do in this stand, each bound to it; and with `watch` a way to follow it to its end.

    A button whose value Slack would not take is left out.
    """
    drawn = [
        *_acts(foundation, guid, stand),
        *([_watch(foundation, guid)] if watch and stand.value == "ACTIVE" else []),
    ]
    return [one for one in drawn if size(one["value"]) <= BUTTON_VALUE]


def _acts(foundation: str, guid: str, stand: Stand) -> Iterator[Element]:
    for action in possible(stand):
        label, style, spoken = _LOOKS[action]
        bound = Bound(action=action, foundation=foundation, guid=guid, stand=stand)
        yield {**button(f"act_{action}", label, bound_text(bound), spoken), "style": style}


def _watch(foundation: str, guid: str) -> Element:
    return button("watch_start", "Watch", f"{foundation}/{guid}", "Follow this deployment in a message of its own")
