"""`python -m deploybot` is the `deploybot` command."""

from deploybot.cli import main

main()
