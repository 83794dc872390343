"""What a person must still put right before a modal is sent: Slack's own checks of the inputs; pure."""

import re
from collections.abc import Mapping
from typing import Any

from deploybot.demo.workspace.elements import SHAPES
from deploybot.demo.workspace.records import JsonObject, StateValues

REQUIRED = "Please complete this required field."
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_URL = re.compile(r"https?://\S+")


def complaints(blocks: list[JsonObject], state: StateValues) -> dict[str, str]:
    """block_id -> what is wrong there. Empty when Slack would send the form to the app."""
    found: dict[str, str] = {}
    for block in blocks:
        if block["type"] == "input":
            element = block["element"]
            value = _value(element, state.get(block["block_id"], {}))
            complaint = _complaint(element, value, optional=bool(block.get("optional")))
            if complaint:
                found[block["block_id"]] = complaint
    return found


def _value(element: JsonObject, values: Mapping[str, JsonObject]) -> Any:
    return values.get(element["action_id"], {}).get(SHAPES[element["type"]].key)


def _complaint(element: JsonObject, value: Any, *, optional: bool) -> str | None:
    if value in (None, "", []):
        return None if optional else REQUIRED
    match element["type"]:
        case "plain_text_input":
            return _wrong_length(element, value)
        case "number_input":
            return _wrong_number(element, value)
        case "email_text_input":
            return None if _EMAIL.fullmatch(value) else "Enter a valid email address."
        case "url_text_input":
            return None if _URL.fullmatch(value) else "Enter a valid URL."
        case _:
            return _too_many(element, value)


def _wrong_length(element: JsonObject, value: str) -> str | None:
    if len(value) < element.get("min_length", 0):
        return f"Enter at least {element['min_length']} characters."
    if len(value) > element.get("max_length", 3000):
        return f"Enter at most {element.get('max_length', 3000)} characters."
    return None


def _wrong_number(element: JsonObject, value: str) -> str | None:
    try:
        number = float(value) if element["is_decimal_allowed"] else int(value)
    except ValueError:
        return "Enter a valid number."
    if "min_value" in element and number < float(element["min_value"]):
        return f"Enter a number of at least {element['min_value']}."
    if "max_value" in element and number > float(element["max_value"]):
        return f"Enter a number of at most {element['max_value']}."
    return None


def _too_many(element: JsonObject, value: Any) -> str | None:
    most = element.get("max_selected_items")
    if isinstance(value, list) and most is not None and len(value) > most:
        return f"Choose at most {most}."
    return None
