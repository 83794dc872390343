"""Tests of what builds the bot."""
