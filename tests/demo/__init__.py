"""The checks of `deploybot.demo`."""
