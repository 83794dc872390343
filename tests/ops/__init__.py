"""The checks of `deploybot.ops`."""
