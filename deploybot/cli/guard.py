"""`deploybot guard check`: whether the bot may cancel where its guards are to, before somebody relies on it."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from deploybot.app.foundations import listing_of, rights_of
from deploybot.cli.failing import TROUBLE, told
from deploybot.cli.terminal import printable
from deploybot.domain.guard import GuardRule
from deploybot.domain.outcome import span
from deploybot.ops.logs import set_up_logs
from deploybot.service.guard_check import Checked, CheckedGuard, CheckedSpace, check_guards
from deploybot.settings.loading import environment, load
from deploybot.settings.model import Settings
from deploybot.settings.secrets import secrets_in

ABLE, UNABLE = 0, 1

guard = typer.Typer(no_args_is_help=True, help="What looks after forgotten canaries.")


@guard.callback()
def _guard() -> None:
    """What looks after forgotten canaries."""


@guard.command()
def check(
    config: Annotated[Path | None, typer.Option(help="Path of deploybot.toml.")] = None,
    timeout: Annotated[float, typer.Option(help="Seconds to wait at most.", min=0.1, max=3600)] = 60,
) -> None:
    """Tell for each guard which spaces it looks after, and whether the bot may cancel there.

    Exits with 0 every guard can do what it says, 1 one can't, 2 bad configuration, 3 foundation trouble.
    """
    with told():
        settings = load(config, environment(), transport=None)
        set_up_logs(settings.log.format, "error", secrets=secrets_in(settings))
        checked = asyncio.run(_checked(settings, timeout))
        typer.echo("\n".join(map(printable, _lines(checked))))
        for trouble in checked.troubles:
            typer.echo(printable(f"{trouble.foundation} {trouble.reason}"), err=True)
        raise typer.Exit(TROUBLE if checked.troubles else _code(checked))


async def _checked(settings: Settings, timeout: float) -> Checked:
    until = time.monotonic() + timeout
    async with listing_of(settings) as listing:
        return await check_guards(settings.guard_rules(), listing.foundations, rights_of(listing.foundations), until)


def _code(checked: Checked) -> int:
    return ABLE if all(one.is_able for one in checked.guards) else UNABLE


def _lines(checked: Checked) -> Iterator[str]:
    if not checked.guards:
        yield "No guard is configured."
    for one in checked.guards:
        yield f"{one.rule.name}: {', '.join(_times(one.rule))}, told in {one.rule.channel}"
        yield from (f"- {place}" for place in _places(one))


def _times(rule: GuardRule) -> Iterator[str]:
    times = (("reminds", rule.remind_after), ("tells", rule.tell_after), ("cancels", rule.cancel_after))
    return (f"{what} after {span(after)}" for what, after in times if after is not None)


def _places(one: CheckedGuard) -> Iterator[str]:
    if not one.spaces:
        yield "looks after nothing: the bot sees no app or space that it is about"
    for space in one.spaces:
        yield f"{space.foundation} {space.org}/{space.space}{_may(one.rule, space)}"


def _may(rule: GuardRule, space: CheckedSpace) -> str:
    if rule.cancel_after is None:
        return ""
    if space.may_cancel is None:
        return ": nobody knows whether the bot may cancel there"
    if space.may_cancel:
        return ": the bot may cancel there"
    return ": the bot may not cancel there; give it the role Space Supporter, and the scope cloud_controller.write"
