"""The checks of `deploybot.service`."""
