"""A real PostgreSQL for whole bots."""

from tests.e2e.conftest import postgres, postgres_url

__all__ = ["postgres", "postgres_url"]
