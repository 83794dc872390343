"""A simulated Slack workspace that refuses what Slack refuses: the other side of the bot, in the demo and in tests."""
