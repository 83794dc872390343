"""What the people who run the bot need: logs, and what is built on them."""
