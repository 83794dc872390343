"""Alembic's migrations, forward only. A released one is never edited: the next one puts right what it got wrong."""
