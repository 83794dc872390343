"""Ratios that say what fast means here, each of two things measured in one run."""
