"""Logs: a constant message with facts as fields, in JSON or for a console, and never a token in them."""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, TextIO

import structlog

_TOKENS = re.compile(
    r"xox[a-z]-[\w-]+|xapp-[\w-]+|eyJ[\w-]{8,}(?:\.[\w-]+){1,2}|(?i:\b(bearer|basic)\s+)[\w.~+/=-]{8,}"
)

_SECRET_FIELDS = re.compile(r"token|secret|password|passcode|authorization|cookie", re.IGNORECASE)

MASK = "[hidden]"


def set_up_logs(format_: str, level: str, stream: TextIO = sys.stderr) -> None:
    """Send structlog's and the standard library's logs through one set of processors to one stream."""
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.ExtraAdder(),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                redact,
                _renderer(format_, stream),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for chatty in ("httpx", "httpcore", "slack_bolt", "slack_sdk", "aiohttp.access", "apscheduler"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, root.level))
    # At debug these write down whole payloads, and with them the one-time codes that people type into forms.
    for telltale in ("deploybot.slack.socket", "deploybot.slack.bolt"):
        logging.getLogger(telltale).setLevel(max(logging.INFO, root.level))


def _renderer(format_: str, stream: TextIO) -> structlog.types.Processor:
    if format_ == "json":
        return structlog.processors.JSONRenderer()
    return structlog.dev.ConsoleRenderer(colors=stream.isatty())


def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: nothing that looks like a token, or is named like a secret, leaves the process."""
    for key, value in event.items():
        event[key] = MASK if _SECRET_FIELDS.search(key) and isinstance(value, str) else _masked(value)
    return event


def _masked(value: Any) -> Any:
    match value:
        case str():
            return _TOKENS.sub(MASK, value)
        case bytes():
            return _TOKENS.sub(MASK, value.decode(errors="replace"))
        case Mapping():
            return {key: MASK if _SECRET_FIELDS.search(str(key)) else _masked(item) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_masked(item) for item in value]
        case None | bool() | int() | float():
            return value
        case _:
            return _TOKENS.sub(MASK, repr(value))
