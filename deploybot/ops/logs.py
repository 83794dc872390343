"""Logs: a constant message with facts as fields, in JSON or for a console, and never a secret in them."""

import logging
import re
import sys
import threading
import unicodedata
from collections.abc import Iterable, MutableMapping
from types import TracebackType
from typing import Any, TextIO

import structlog

from deploybot.ops.redaction import Redaction

OWN = "deploybot"
"""The log whose level is set; libraries speak from warnings on, since at debug they write down whole payloads."""
_TELLTALE = ("deploybot.slack.socket", "deploybot.slack.bolt")
"""Libraries that speak in our name: at debug they write down what people type, one-time codes included."""
_LINES = frozenset({"exception", "stack"})
"""Fields that have several lines on a console."""

log = structlog.get_logger(__name__)


def set_up_logs(format_: str, level: str, stream: TextIO = sys.stderr, secrets: Iterable[str] = ()) -> None:
    """Send all logs, warnings and what nobody caught through one set of processors to one stream.

    The `secrets`, those of the configuration, are masked wherever they stand, besides all that looks like one.
    """
    shared = _shared()
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = _Handler(stream)
    handler.setFormatter(_formatter(shared, Redaction(secrets), format_, stream))
    logging.getLogger().handlers[:] = [handler]
    _set_levels(logging.getLevelNamesMapping()[level.upper()])
    logging.getLogger("asyncio").addFilter(_without_arguments)
    logging.captureWarnings(capture=True)
    sys.excepthook = _uncaught
    sys.unraisablehook = _unraisable
    threading.excepthook = _uncaught_in_thread


def _shared() -> list[structlog.types.Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.ExtraAdder(),
        structlog.processors.StackInfoRenderer(),
    ]


def _formatter(
    shared: list[structlog.types.Processor], redaction: Redaction, format_: str, stream: TextIO
) -> logging.Formatter:
    def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        return redaction.event(event)

    last: list[structlog.types.Processor] = [structlog.processors.JSONRenderer()]
    if format_ != "json":
        last = [_on_one_line, structlog.dev.ConsoleRenderer(colors=stream.isatty())]
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            redact,
            *last,
        ],
    )


def _set_levels(level: int) -> None:
    logging.getLogger().setLevel(max(logging.WARNING, level))
    logging.getLogger(OWN).setLevel(level)
    for telltale in _TELLTALE:
        logging.getLogger(telltale).setLevel(max(logging.INFO, level))


def _on_one_line(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """On a console nothing that is told begins a line, or moves the cursor, but a traceback."""
    return {key: value if key in _LINES else _in_line(value) for key, value in event.items()}


def _in_line(value: Any) -> Any:
    if not isinstance(value, str) or value.isprintable():
        return value
    return "".join(one if unicodedata.category(one)[0] != "C" else repr(one)[1:-1] for one in value)


def _without_arguments(record: logging.LogRecord) -> bool:
    """asyncio shows what a callback was called with, cut in the middle: half a token is not known for one."""
    record.msg, record.args = re.split(r"[(<\n]", record.getMessage(), maxsplit=1)[0], ()
    return True


class _Handler(logging.StreamHandler[TextIO]):
    """Writes lines. One that can't be made says so, without what was to be in it: the arguments may hold a secret."""

    def format(self, record: logging.LogRecord) -> str:
        try:
            return super().format(record)
        except Exception as problem:  # such as arguments that don't fit their message, or that can't be shown
            said = {"logger": record.name, "line": record.lineno, "problem": type(problem).__name__}
            return super().format(_made(logging.ERROR, "a line of the log could not be written", said))

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the standard library's names
        """A stream that takes nothing any more is nothing to write about."""


def _made(level: int, message: str, facts: dict[str, Any]) -> logging.LogRecord:
    record = logging.LogRecord(__name__, level, __file__, 0, message, (), None)
    record.__dict__.update({f"about_{name}": fact for name, fact in facts.items()})
    return record


def _uncaught(kind: type[BaseException], problem: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    log.critical("nobody caught this", exc_info=(kind, problem, trace))


def _uncaught_in_thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None:
        _uncaught(args.exc_type, args.exc_value, args.exc_traceback)


def _unraisable(args: "sys.UnraisableHookArgs") -> None:
    if args.exc_value is not None:
        log.error("this could not be raised", exc_info=(args.exc_type, args.exc_value, args.exc_traceback))
