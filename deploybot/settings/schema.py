"""The configuration file as a JSON Schema, by which editors complete and check it."""

from collections.abc import Mapping
from typing import Any, get_origin

from pydantic import BaseModel

from deploybot.settings.in_file import IS_A_PATH
from deploybot.settings.model import Settings
from deploybot.settings.reference import field_docs
from deploybot.settings.section import section_in

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_DURATION = [
    {"type": "number", "exclusiveMinimum": 0},
    {"type": "string", "pattern": r"^\s*\d{1,9}(\.\d{1,9})?\s*[smhd]?\s*$"},
]
_FILE = {"type": "string", "minLength": 1, "description": "The path of a file with the value."}


def schema() -> dict[str, Any]:
    """The schema of `deploybot.toml`: pydantic's, with the words of the reference and what else the file may say."""
    told = Settings.model_json_schema()
    sections = _sections(Settings)
    definitions = {
        name: _section(sections[name], one) if name in sections else one for name, one in told["$defs"].items()
    }
    whole = {name: _value(one, sections) for name, one in told["properties"].items()}
    return {"$schema": _DIALECT, "title": "deploybot.toml", **_object(whole), "$defs": definitions}


def _object(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "properties": properties}


def _sections(section: type[BaseModel]) -> dict[str, type[BaseModel]]:
    """Every section at or below this one, by its name in the schema."""
    below = (section_in(field.annotation) for field in section.model_fields.values())
    return {section.__name__: section} | {name: one for part in below if part for name, one in _sections(part).items()}


def _in_lists(section: type[BaseModel]) -> set[str]:
    """The names of those of which there may be several. Nothing in them comes from a file."""
    fields = [field.annotation for one in _sections(section).values() for field in one.model_fields.values()]
    return {part.__name__ for kind in fields if get_origin(kind) is tuple and (part := section_in(kind))}


def _section(section: type[BaseModel], told: Mapping[str, Any]) -> dict[str, Any]:
    """The section's keys, and beside each text the one with which a file tells it."""
    docs, sections = field_docs(section), _sections(Settings)
    properties = {
        name: {"description": docs.get(name, ""), **_value(one, sections)} for name, one in told["properties"].items()
    }
    texts = [name for name, one in properties.items() if "'string'" in str(one) and name != IS_A_PATH]
    files = {f"{name}_file": _FILE for name in texts if section.__name__ not in _in_lists(Settings)}
    needed = [name for name in told.get("required", ()) if f"{name}_file" not in files]
    return {**_object({**properties, **files}), "description": told["description"], "required": needed}


def _value(told: Mapping[str, Any], sections: Mapping[str, Any]) -> dict[str, Any]:
    """As the file writes it: durations in words, one text in place of a list of one, and nothing for none."""
    said = {key: one for key, one in told.items() if key not in ("title", "default", "writeOnly")}
    if said.get("format") == "duration":
        return {"anyOf": _DURATION}
    if "anyOf" in said:
        return {**said, "anyOf": [_value(one, sections) for one in said["anyOf"] if one.get("type") != "null"]}
    if said.get("type") == "array" and said["items"].get("$ref", "").rpartition("/")[2] not in sections:
        return {"anyOf": [_value(said["items"], sections), said]}
    return said
