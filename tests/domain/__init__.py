"""The checks of `deploybot.domain`."""
