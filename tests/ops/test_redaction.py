"""What is logged is plain, short, and without secrets, whatever it was."""

import dataclasses
import enum
import json
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, SecretStr

from deploybot.cf.failures import REASONS
from deploybot.domain.secret import Secret
from deploybot.ops.redaction import KEPT, LONGEST, LONGEST_EVENT, MOST_VALUES, READ, Redaction
from deploybot.ops.shapes import MASK, without_shapes
from tests.ops.secret_shapes import SHAPES


@dataclasses.dataclass
class Held:
    value: object


class Struct(msgspec.Struct):
    value: object


class Model(BaseModel):
    value: Any


class Pair(NamedTuple):
    value: object
    other: object = 1


class Shown:
    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return f"<Shown {self._text}>"


def _noted(text: str) -> Exception:
    try:
        raise ExceptionGroup("several", [ValueError(text)]) from KeyError(text)
    except ExceptionGroup as problem:
        problem.add_note(text)
        return problem


def _enumerated(text: str) -> enum.Enum:
    return enum.Enum("E", {"one": text}).one  # type: ignore[attr-defined,no-any-return]


WRAPPED: Mapping[str, Callable[[str], object]] = {
    "text": lambda text: text,
    "in a sentence": lambda text: f"it said: {text} ",
    "bytes": lambda text: text.encode(),
    "bytearray": lambda text: bytearray(text.encode()),
    "list": lambda text: [1, [text]],
    "tuple": lambda text: (text,),
    "set": lambda text: {text},
    "frozen set": lambda text: frozenset([text]),
    "deque": lambda text: deque([text]),
    "value": lambda text: {"a": {"b": text}},
    "key": lambda text: {"a": {text: 1}},
    "key that is bytes": lambda text: {text.encode(): 1},
    "key that is a tuple": lambda text: {("a", text): 1},
    "ordered": lambda text: OrderedDict([("a", text)]),
    "dataclass": Held,
    "struct": Struct,
    "model": lambda text: Model(value=[text]),
    "named tuple": Pair,
    "exception": _noted,
    "its own repr": Shown,
    "enum": _enumerated,
    "path": lambda text: Path("/x") / text.replace("\n", " "),
    "class": lambda text: type(text, (), {}),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("wrapped", WRAPPED)
def test_no_shape_of_a_secret_is_told_in_any_kind_of_value(shape: str, wrapped: str) -> None:
    text, secret = SHAPES[shape]
    told = json.dumps(Redaction().event({"event": "asked", "fact": WRAPPED[wrapped](text)}))
    assert secret not in told
    assert secret.replace("/", "\\/") not in told
    assert "asked" in told


@pytest.mark.parametrize("shape", SHAPES)
def test_no_shape_of_a_secret_is_told_in_the_name_of_a_field(shape: str) -> None:
    text, secret = SHAPES[shape]
    assert secret not in json.dumps(Redaction().event({text: 1}))


@given(
    shape=st.sampled_from(sorted(SHAPES)),
    before=st.text(st.characters(codec="utf-8"), max_size=40),
    after=st.text(st.characters(codec="utf-8"), max_size=40),
    wrapped=st.lists(st.sampled_from(["list", "value", "dataclass", "text"]), max_size=4),
)
def test_no_shape_is_told_whatever_stands_around_it(shape: str, before: str, after: str, wrapped: list[str]) -> None:
    """Around it as a sentence has it: with a space, since a token that begins within a word is another token."""
    text, secret = SHAPES[shape]
    value: Any = f"{before} {text} {after}"
    for kind in wrapped:
        value = WRAPPED[kind](value)
    told = json.dumps(Redaction().event({"fact": value}), ensure_ascii=False)
    assert secret not in told


@pytest.mark.parametrize(
    "said",
    [
        "request answered",
        "https://api.example.com/v3/deployments?page=2&per_page=50",
        "b7a33d7c-95aa-4a55-9e3e-0a2b1c8d1f11",
        "13 rollouts of checkout in shop/prod since 2026-11-20T10:00:00Z",
        "basic plan, bearer of news",
        "U0123ABC in C0456DEF at 1700000000.123456",
        "/usr/lib/python3.11/site-packages/deploybot/service/listing.py",
    ],
)
def test_what_operators_look_for_stays(said: str) -> None:
    assert without_shapes(said) == said


@pytest.mark.parametrize("said", REASONS.values())
def test_what_a_foundation_says_of_a_refusal_stays_in_the_log(said: str) -> None:
    """`token: Invalid Auth Token` would lose its first word, as if that were the token."""
    whole = f"{said}: Invalid Auth Token"
    assert without_shapes(whole) == whole


@pytest.mark.parametrize("name", ["client_secret", "PASSWORD", "x-auth-token", "Authorization", "cookies", "passcode"])
@pytest.mark.parametrize("value", ["short", 123456, b"short", ["short"], {"a": "short"}, Shown("short")])
def test_what_is_named_like_a_secret_is_hidden_whatever_it_is(name: str, value: object) -> None:
    told = Redaction().event({name: value, "deep": [{name: value}], "held": {"one": {name: value}}})
    assert told == {name: MASK, "deep": [{name: MASK}], "held": {"one": {name: MASK}}}


def test_ids_that_tie_lines_together_stay() -> None:
    id_ = "0123456789abcdef" * 2
    assert Redaction().event({"request_id": id_, "trace_id": id_}) == {"request_id": id_, "trace_id": id_}


def test_what_hides_itself_stays_hidden() -> None:
    told = Redaction().event({"a": Secret("hunter2"), "b": SecretStr("hunter2"), "c": Held(Secret("hunter2"))})
    assert told == {"a": MASK, "b": MASK, "c": {"value": MASK}}


def test_a_field_that_its_class_does_not_show_is_not_told() -> None:
    @dataclasses.dataclass
    class Quiet:
        shown: str
        hidden: str = dataclasses.field(repr=False)

    assert Redaction().event({"it": Quiet("yes", "no")}) == {"it": {"shown": "yes"}}


class Broken:
    def __repr__(self) -> str:
        raise RuntimeError("no")


class BrokenMapping(dict[str, int]):
    def items(self) -> Any:
        raise LookupError("no")


class BrokenText(str):
    __slots__ = ()

    def __str__(self) -> str:
        raise ValueError("no")

    def __getitem__(self, _: object) -> str:
        raise ValueError("no")

    def __len__(self) -> int:
        raise ValueError("no")


def _endless() -> Iterator[int]:
    while True:
        yield 1


def _in_itself() -> list[object]:
    found: list[object] = []
    found.append(found)
    return found


ODD: Mapping[str, Callable[[], object]] = {
    "a repr that raises": Broken,
    "a mapping that raises": lambda: BrokenMapping(a=1),
    "a text that raises": lambda: BrokenText("ok"),
    "in a list": lambda: [Broken()],
    "in a mapping": lambda: {"a": Broken()},
    "a key": lambda: {Broken(): 1},
    "in a dataclass": lambda: Held(Broken()),
    "a list in itself": _in_itself,
    "an endless generator": _endless,
    "a huge number": lambda: 10**5000,
    "no number": lambda: float("nan"),
    "half a character": lambda: "\ud800",
    "no text": lambda: b"\xff\xfe",
    "a view": lambda: memoryview(b"abc"),
    "a view of numbers": lambda: memoryview(bytes(16)).cast("d"),
    "a type": lambda: Held,
}


@pytest.mark.parametrize("odd", ODD)
def test_whatever_is_logged_becomes_json_and_never_fails(odd: str) -> None:
    told = Redaction().event({"event": "asked", "fact": ODD[odd]()})
    assert json.loads(json.dumps(told, allow_nan=False))["event"] == "asked"
    assert len(json.dumps(told)) < 2000


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner) | st.tuples(inner, inner),
    )
)
def test_every_value_becomes_json(value: object) -> None:
    json.dumps(Redaction().event({"fact": value}), allow_nan=False)


def test_a_long_text_keeps_its_beginning_and_its_end_and_says_what_is_left_out() -> None:
    told = Redaction().text("begin " + "x y " * 5000 + "end")
    assert told.startswith("begin ")
    assert told.endswith("end")
    assert f"[{6 + 20000 + 3 - LONGEST} characters left out]" in told
    assert len(told) < LONGEST + 100


def test_what_is_too_long_to_be_read_is_left_out_even_where_a_secret_is_cut_in_two() -> None:
    told = Redaction().text("a " * (READ // 2 - 3) + "xoxb-12345-67890" + "b " * READ)
    assert "xoxb" not in told
    assert "12345" not in told
    assert len(told) < LONGEST + 100


def test_a_line_is_bounded_as_a_whole() -> None:
    many = {f"a{n}": {f"b{m}": ["word " * 50] * 50 for m in range(50)} for n in range(50)}
    told = Redaction().event({"event": "asked", "many": many, "long": ["x " * 4000] * 100})
    assert len(json.dumps(told)) < LONGEST_EVENT + MOST_VALUES * 100
    assert told["event"] == "asked"


@pytest.mark.parametrize(
    "unit",
    ["eyJ", "token", "token=", "a://", "wss://", "http://", "://@", "basic ", "A", "0", "f", "1.", "\\", '"', "aA1",
     "-----BEGIN PRIVATE KEY-----", "cookie:", "token    ", "eyJhbGciOiJI.", "postgres://", "/oauth/token/revoke/",
     "%3"],
)  # fmt: skip
def test_reading_a_text_takes_a_time_that_grows_with_its_length(unit: str) -> None:
    """A ratio: sixteen times the length takes sixteen times as long, where backtracking would take 256 times."""
    short = min(_seconds(unit * (4096 // len(unit))) for _ in range(5))
    long = min(_seconds(unit * (65536 // len(unit))) for _ in range(2))
    assert long / short < 80


def _seconds(text: str) -> float:
    begun = time.process_time()
    without_shapes(text)
    return max(time.process_time() - begun, 1e-5)


def test_a_megabyte_costs_no_more_than_what_is_read_of_it() -> None:
    read = min(_spent("word " * (READ // 5)) for _ in range(3))
    assert min(_spent("word " * 210_000) for _ in range(3)) < 4 * read


def _spent(text: str) -> float:
    begun = time.process_time()
    Redaction().text(text)
    return max(time.process_time() - begun, 1e-5)


def test_what_is_remembered_of_short_texts_is_masked_and_does_not_grow() -> None:
    redaction = Redaction(["hunter2"])
    for _ in range(2):
        assert redaction.text("it is hunter2") == f"it is {MASK}"
        assert [redaction.text(f"word {number}") for number in range(KEPT + 9)][-1] == f"word {KEPT + 8}"
    assert redaction._short.cache_info().currsize == KEPT
    assert "hunter2" not in repr(redaction)
