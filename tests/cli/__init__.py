"""Tests of the command line that need no process of their own."""
