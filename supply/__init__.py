"""What the bot is made of: the weaknesses that are known of it, a list of all of it, and under which licences."""
