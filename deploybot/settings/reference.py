"""Everything that can be set, as a table: what the reference, a new file and the effective values are made of.

The words stand beneath the fields in the sources, and are read when somebody asks for them: had pydantic collected
them, each start would take some 35 ms longer.
"""

import ast
import inspect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

from annotated_types import Ge, Gt, Le
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from deploybot.settings.environment import ENVIRONMENT
from deploybot.settings.examples import EXAMPLES, UNITS
from deploybot.settings.model import Settings
from deploybot.settings.section import section_in, shortest

PLACE = "NAME"
"""Stands for the name that an operator gives, as that of a foundation."""


@dataclass(frozen=True, slots=True)
class Key:
    """One thing that can be set. `default` is as TOML has it, "" for none; `unit` is "" where it is no quantity."""

    table: str
    name: str
    type: str
    default: str
    needed: bool
    secret: bool
    unit: str
    example: str
    variables: tuple[str, ...]
    doc: str

    @property
    def path(self) -> str:
        return f"{self.table}.{self.name}"


@dataclass(frozen=True, slots=True)
class Table:
    """One section of the file. `is_list` where it may stand there several times: `[[guards]]`."""

    path: str
    is_list: bool
    doc: str
    keys: tuple[Key, ...]

    @property
    def heading(self) -> str:
        return f"[[{self.path}]]" if self.is_list else f"[{self.path}]"


def keys() -> tuple[Key, ...]:
    """Every key, in the order of the file."""
    return tuple(key for table in tables() for key in table.keys)


@cache
def tables() -> tuple[Table, ...]:
    """Every section, in the order of the file."""
    return tuple(_tables(Settings, ""))


def _tables(section: type[BaseModel], path: str) -> Iterator[Table]:
    """The section of this path, if it has keys of its own, and what lies below."""
    kept = [(name, field, section_in(field.annotation)) for name, field in section.model_fields.items()]
    docs = field_docs(section)
    own = tuple(_key(path, name, field, docs.get(name, "")) for name, field, below in kept if not below)
    if own:
        yield Table(path, False, inspect.getdoc(section) or "", own)
    for name, field, below in kept:
        if below:
            yield from _placed(below, f"{path}.{name}".strip("."), get_origin(field.annotation))


def _placed(section: type[BaseModel], path: str, container: object) -> Iterator[Table]:
    first, *rest = _tables(section, f"{path}.{PLACE}" if container is dict else path)
    yield Table(first.path, container is tuple, first.doc, first.keys)
    yield from rest


def _key(table: str, name: str, field: FieldInfo, doc: str) -> Key:
    path = f"{table}.{name}"
    default = "" if field.is_required() else toml_text(field.get_default(call_default_factory=True))
    kind = _type(field.annotation, field.metadata)
    return Key(
        table=table,
        name=name,
        type=kind,
        default=default,
        needed=field.is_required(),
        secret=_holds(field.annotation, SecretStr),
        unit=UNITS.get(path, "seconds, or with s, m, h, d" if kind == "duration" else ""),
        example=EXAMPLES.get(path) or _example(field.annotation, default),
        variables=_variables(path),
        doc=doc,
    )


def _variables(path: str) -> tuple[str, ...]:
    return tuple(variable for variable, at in ENVIRONMENT.items() if ".".join(at).format(name=PLACE) == path)


def field_docs(section: type[BaseModel]) -> Mapping[str, str]:
    """What stands beneath each field in the source, in one line each. OSError where the source is not there."""
    (body,) = ast.parse(inspect.getsource(section)).body
    assert isinstance(body, ast.ClassDef)  # noqa: S101 - that is what the source of a class is
    beside = zip(body.body, body.body[1:], strict=False)
    return {
        field.target.id: " ".join(below.value.value.split())
        for field, below in beside
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant) and isinstance(below.value.value, str)
    }


def _holds(kind: object, wanted: type) -> bool:
    return kind is wanted or any(_holds(part, wanted) for part in get_args(kind))


def _type(kind: Any, metadata: Sequence[Any] = ()) -> str:
    """The type in words: `whole number from 0 to 65535`."""
    if get_origin(kind) is Annotated:
        return _type(get_args(kind)[0], [*kind.__metadata__, *metadata])
    if get_origin(kind) is tuple:
        return f"one, or a list, of: {_type(get_args(kind)[0])}"
    if get_origin(kind) is Literal:
        return " or ".join(map(toml_text, get_args(kind)))
    if get_args(kind):
        return _type(get_args(kind)[0], metadata)
    if issubclass(kind, Enum):
        return " or ".join(toml_text(member.value) for member in kind)
    return _PLAIN[kind] + (_range(metadata) if kind in (int, float) else "")


_PLAIN: Mapping[object, str] = {
    str: "text",
    bool: "true or false",
    int: "whole number",
    float: "number",
    timedelta: "duration",
    Path: "path",
    SecretStr: "secret",
}


def _range(metadata: Sequence[Any]) -> str:
    limits = [*metadata, *(one for field in metadata if isinstance(field, FieldInfo) for one in field.metadata)]
    words = [_limit(one) for one in limits if isinstance(one, (Ge, Gt, Le))]
    return " ".join(["", *words])


def _limit(limit: Ge | Gt | Le) -> str:
    match limit:
        case Ge():
            return f"from {limit.ge}"
        case Gt():
            return f"above {limit.gt}"
        case Le():
            return f"to {limit.le}"


def _example(kind: object, default: str) -> str:
    """Another value than the default, where there are but a few; else the default."""
    if kind is bool:
        return "false" if default == "true" else "true"
    if get_origin(kind) is Literal:
        return toml_text(get_args(kind)[-1])
    return default


def toml_text(value: object) -> str:
    """A default as TOML has it; "" for none."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case Enum():
            return toml_text(value.value)
        case int() | float():
            return str(value)
        case timedelta():
            return f'"{shortest(value.total_seconds())}"'
        case SecretStr():
            return toml_text(value.get_secret_value())
        case tuple():
            return f"[{', '.join(map(toml_text, value))}]"
        case _:
            return f'"{value}"'
