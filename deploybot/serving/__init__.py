"""HTTP on a port of the bot's own, for Slack's requests and for health, within bounds that no stranger can stretch."""
