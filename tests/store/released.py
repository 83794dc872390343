"""Databases as released versions left them: their form, and rows of every table that those versions' code wrote.

`schemas/0001.sqlite.sql` is a form, `schemas/0001.rows.sql` the rows, which are the same in both databases. Whoever
releases a new form adds its three files, written by the code of that release, and never changes them again.
"""

from pathlib import Path

from sqlalchemy import Connection, text

from deploybot.domain.secret import Secret
from deploybot.settings.model import StoreSettings
from deploybot.store.engine import Database, open_database

LINK_KEY = Secret("6pmFEYbEpVN5Y3K1wnWOVR6FdEqj__XMznhqOVJ0DjE=")
"""What the links in the rows were sealed with; made for them."""
_SCHEMAS = Path(__file__).with_name("schemas")


def released() -> list[str]:
    """The forms that were released, oldest first."""
    return sorted(file.name.partition(".")[0] for file in _SCHEMAS.glob("*.rows.sql"))


def database_of(settings: StoreSettings) -> Database:
    return open_database(settings.database_url.get_secret_value() if settings.database_url else "", settings.data_dir)


async def leave(settings: StoreSettings, form: str) -> dict[str, int]:
    """Make an empty database what this release left behind; how many rows each table has."""
    database = database_of(settings)
    kind = "postgresql" if database.is_postgresql else "sqlite"
    try:
        async with database.writing() as connection:
            for file in (f"{form}.{kind}.sql", f"{form}.rows.sql"):
                for statement in filter(str.strip, (_SCHEMAS / file).read_text().split(";\n")):
                    await connection.execute(text(statement.replace(":", "\\:")))
            return await connection.run_sync(counted)
    finally:
        await database.close()


async def held(settings: StoreSettings) -> dict[str, int]:
    """How many rows each table has now."""
    database = database_of(settings)
    try:
        async with database.reading() as connection:
            return await connection.run_sync(counted)
    finally:
        await database.close()


def counted(connection: Connection) -> dict[str, int]:
    names = connection.dialect.get_table_names(connection)
    return {name: int(connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one()) for name in names}


async def run_in(settings: StoreSettings, *statements: str) -> None:
    """Do something to the database that no code of the bot does."""
    database = database_of(settings)
    try:
        async with database.writing() as connection:
            for statement in statements:
                await connection.execute(text(statement.replace(":", "\\:")))
    finally:
        await database.close()
