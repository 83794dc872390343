"""A whole day of the demo in half an hour, with faults on: does the bot stay as small and as right as it began?"""
