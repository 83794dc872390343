"""`deploybot demo`: the bot between a simulated Slack and a simulated Cloud Foundry, in a browser."""

import enum
from typing import Annotated

import typer

from deploybot.cli.failing import told


class Scenario(enum.StrEnum):
    BUSY = "busy"
    CALM = "calm"
    INCIDENT = "incident"
    HUGE = "huge"


def demo(
    scenario: Annotated[Scenario, typer.Option(help="What goes on in the foundation.")] = Scenario.BUSY,
    port: Annotated[int, typer.Option(help="The page's port; 0 takes a free one.", min=0, max=65535)] = 0,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page in a browser.")] = True,
    speed: Annotated[
        float, typer.Option(help="How many times faster than in life things happen.", min=0.1, max=100)
    ] = 5,
) -> None:
    """Try the bot without accounts: prints the address of a page with a simulated Slack and Cloud Foundry."""
    from deploybot.demo import launch  # here, so that `ask` starts without the stand-ins

    with told():
        launch.main(scenario.value, port, browser, speed)
