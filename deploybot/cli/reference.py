"""`deploybot reference`: a page of the documentation, written from the code; `make reference` writes them all."""

from enum import StrEnum
from typing import assert_never

import typer

from deploybot.cli.commands_page import commands_page


class Reference(StrEnum):
    """A page that is written from the code, by its name in docs/reference."""

    COMMANDS = "commands"
    CONFIGURATION = "configuration"
    CHECKS = "checks"
    METRICS = "metrics"


def reference_page(page: Reference, cli: typer.Typer) -> str:
    """The page as Markdown; `cli` is the whole command line."""
    match page:
        case Reference.COMMANDS:
            return commands_page(cli)
        case Reference.CONFIGURATION:
            from deploybot.settings.reference_page import markdown  # here, so that no other command reads sources

            return markdown()
        case Reference.CHECKS:
            from deploybot.app.checks_page import checks_page  # here, so that `ask` starts without all that examines

            return checks_page()
        case Reference.METRICS:
            from deploybot.ops.metrics_page import markdown as metrics  # here, so that `ask` loads no client of theirs

            return metrics()
        case _:
            assert_never(page)
