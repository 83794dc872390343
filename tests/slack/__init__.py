"""The checks of `deploybot.slack`."""
