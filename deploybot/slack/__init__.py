"""The Slack side: listeners, blocks, limits and the two transports."""
