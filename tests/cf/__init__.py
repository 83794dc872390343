"""The checks of `deploybot.cf`."""
