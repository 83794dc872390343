"""Logs tell facts and keep secrets, whichever way something gets into them."""

import asyncio
import io
import json
import logging
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
import structlog

from deploybot.ops.logs import set_up_logs
from tests.ops.secret_shapes import SHAPES

CONFIGURED = 'hunter2 "with" words'
NAME = "deploybot.tests.facts"


def _set_up(format_: str = "json", level: str = "info") -> Iterator[io.StringIO]:
    out, root, own = io.StringIO(), logging.getLogger(), logging.getLogger("deploybot")
    before = root.handlers[:], root.level, own.level, root.manager.disable
    hooks = sys.excepthook, sys.unraisablehook, threading.excepthook, warnings.showwarning
    logging.disable(logging.NOTSET)
    set_up_logs(format_, level, out, secrets=[CONFIGURED])
    yield out
    logging.captureWarnings(capture=False)
    sys.excepthook, sys.unraisablehook, threading.excepthook, warnings.showwarning = hooks
    root.handlers[:] = before[0]
    root.setLevel(before[1])
    own.setLevel(before[2])
    logging.disable(before[3])
    structlog.reset_defaults()


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    yield from _set_up()


@pytest.fixture
def console() -> Iterator[io.StringIO]:
    yield from _set_up("console")


@pytest.fixture
def debug() -> Iterator[io.StringIO]:
    yield from _set_up(level="debug")


def _own() -> Any:
    return structlog.get_logger(NAME)


def _library() -> logging.Logger:
    return logging.getLogger("library")


def _raise(text: str) -> None:
    """A chain, a group and a note, each with the text."""
    try:
        raise ExceptionGroup("several", [ValueError(text)]) from KeyError(text)
    except ExceptionGroup as problem:
        problem.add_note(text)
        try:
            raise RuntimeError(text)
        finally:
            pass


def _traceback(log: Callable[[str], None], text: str) -> None:
    try:
        _raise(text)
    except RuntimeError:
        log("crashed")


def _bound(text: str) -> None:
    with structlog.contextvars.bound_contextvars(fact=text):
        _own().info("asked")


def _warned(text: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=True)
        warnings.warn(text, stacklevel=1)


def _in_a_task(text: str) -> None:
    async def main() -> None:
        async def fail() -> None:
            raise RuntimeError(text)

        task = asyncio.get_running_loop().create_task(fail(), name=text)
        await asyncio.wait([task])
        del task  # whose exception nobody asked for

    asyncio.run(main())


def _in_a_callback(text: str) -> None:
    async def main() -> None:
        def fail(said: str) -> None:
            raise RuntimeError(said)

        asyncio.get_running_loop().call_soon(fail, text)
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    asyncio.run(main())


def _uncaught(text: str) -> None:
    try:
        _raise(text)
    except RuntimeError as problem:
        sys.excepthook(type(problem), problem, problem.__traceback__)


def _in_a_thread(text: str) -> None:
    thread = threading.Thread(target=_raise, args=(text,), name=text)
    thread.start()
    thread.join()


class _Failing:
    def __init__(self, text: str) -> None:
        self._text = text

    def __del__(self) -> None:
        raise RuntimeError(self._text)


PLACES: Mapping[str, Callable[[str], object]] = {
    "the message": lambda text: _own().info(f"asked {text}"),
    "a field": lambda text: _own().info("asked", fact=[text]),
    "the name of a field": lambda text: _own().info("asked", **{text: 1}),
    "an argument": lambda text: _own().info("asked %s", text),
    "what is bound": _bound,
    "a logger's name": lambda text: logging.getLogger(f"deploybot.{text}").info("asked"),
    "a library's message": lambda text: _library().warning(text),
    "a library's arguments": lambda text: _library().warning("asked %s of %r", text, [text]),
    "a library's mapping": lambda text: _library().warning("asked %(it)s", {"it": text}),
    "a library's value": lambda text: _library().warning({"it": text}),
    "a library's extra": lambda text: _library().warning("asked", extra={"fact": text, "more": {"deep": text}}),
    "arguments that do not fit": lambda text: _library().warning("asked %d", text),
    "too many arguments": lambda text: _library().warning("asked", text, text),
    "a traceback": lambda text: _traceback(_own().exception, text),
    "a library's traceback": lambda text: _traceback(_library().exception, text),
    "a stack": lambda text: _own().info(f"asked {text}", stack_info=True),
    "a library's stack": lambda text: _library().warning(text, stack_info=True),
    "a warning": _warned,
    "a task": _in_a_task,
    "a callback": _in_a_callback,
    "what nobody caught": _uncaught,
    "what nobody caught in a thread": _in_a_thread,
    "what can't be raised": lambda text: bool(_Failing(text)),
}


def _without_pytest() -> None:
    """Its own handler, added for every test, raises where a message and its arguments don't fit."""
    root = logging.getLogger()
    root.handlers[:] = [one for one in root.handlers if not type(one).__module__.startswith("_pytest")]


@pytest.mark.parametrize("shape", [*SHAPES, "configured"])
@pytest.mark.parametrize("place", PLACES)
def test_no_secret_leaves_the_process_whatever_its_shape_and_place(
    stream: io.StringIO, capfd: pytest.CaptureFixture[str], place: str, shape: str
) -> None:
    text, secret = SHAPES.get(shape, (CONFIGURED, "hunter2"))
    _without_pytest()
    PLACES[place](text)
    beside = "".join(capfd.readouterr())
    lines = stream.getvalue().splitlines()
    assert lines
    assert all(json.loads(line)["timestamp"] for line in lines)
    assert secret not in stream.getvalue()
    assert secret.replace('"', '\\"').replace("/", "\\/") not in stream.getvalue()
    assert secret not in beside


def test_a_traceback_tells_the_causes_the_notes_and_where(stream: io.StringIO) -> None:
    _traceback(_own().exception, "what went wrong")
    told = json.loads(stream.getvalue())["exception"]
    assert "RuntimeError: what went wrong" in told
    assert "KeyError: 'what went wrong'" in told
    assert "ExceptionGroup: several" in told
    assert told.count("what went wrong") >= 4
    assert "_raise" in told


class _Broken:
    def __repr__(self) -> str:
        raise RecursionError("no")

    __str__ = __repr__


@pytest.mark.parametrize("log", ["own", "library", "argument"])
def test_an_object_that_cannot_be_shown_still_makes_a_line(stream: io.StringIO, log: str) -> None:
    _without_pytest()
    match log:
        case "own":
            _own().info("asked", fact=_Broken())
        case "library":
            _library().warning("asked", extra={"fact": _Broken()})
        case _:
            _library().warning("asked %s", _Broken())
    line = json.loads(stream.getvalue())
    assert line["event"] in ("asked", "a line of the log could not be written")
    assert line["level"] in ("info", "warning", "error")


def test_a_stream_that_is_closed_disturbs_nobody(stream: io.StringIO, capfd: pytest.CaptureFixture[str]) -> None:
    stream.close()
    _own().info("asked")
    _library().warning("asked")
    assert capfd.readouterr() == ("", "")
    logging.getLogger().handlers[0].setStream(io.StringIO())  # type: ignore[attr-defined]


def test_fields_that_are_named_like_secrets_are_hidden(stream: io.StringIO) -> None:
    _own().info("login", client_secret="hunter2", payload={"password": "hunter2"})
    assert "hunter2" not in stream.getvalue()


def test_a_line_is_json_with_a_constant_message_and_facts_as_fields(stream: io.StringIO) -> None:
    assert logging.getLogger(NAME).isEnabledFor(logging.INFO)
    _own().info("request answered", foundation="eu", status=200, duration_ms=12.5)
    line = json.loads(stream.getvalue())
    assert line["event"] == "request answered"
    assert (line["foundation"], line["status"], line["duration_ms"]) == ("eu", 200, 12.5)
    assert (line["level"], line["logger"]) == ("info", NAME)
    assert line["timestamp"].endswith("Z")


def test_on_a_console_nothing_that_is_told_begins_a_line_or_moves_the_cursor(console: io.StringIO) -> None:
    _own().info("asked\r\nforged\x1b[1A", fact="a\n2026-01-01 [error] forged\x1b[2J", other="ü 日本")
    told = console.getvalue()
    assert len(told.splitlines()) == 1
    assert "\x1b" not in told
    assert "\r" not in told
    assert "asked\\r\\nforged\\x1b[1A" in told
    assert "ü 日本" in told


@pytest.mark.parametrize(
    "library", ["httpx", "httpcore.http11", "aiosqlite", "sqlalchemy.engine", "slack_sdk", "urllib3"]
)
def test_at_debug_libraries_keep_their_payloads_to_themselves(debug: io.StringIO, library: str) -> None:
    logging.getLogger(library).debug("a payload")
    logging.getLogger(library).info("a payload")
    logging.getLogger("deploybot.slack.bolt").debug("a payload")
    assert debug.getvalue() == ""
    logging.getLogger(library).warning("trouble")
    _own().debug("cloud foundry was asked")
    assert [json.loads(line)["event"] for line in debug.getvalue().splitlines()] == [
        "trouble",
        "cloud foundry was asked",
    ]
