"""The checks of `deploybot.serving`."""
