"""Opens what identity keeps: its database and the key of the secrets in it."""

from pathlib import Path

from sqlalchemy import Connection, select

from coinport.database import Database, migrate
from coinport.identity import tokens as api_tokens
from coinport.identity import totp
from coinport.identity.errors import SecretsUnreadable
from coinport.identity.secret_box import SecretBox, create_key, key_in
from coinport.identity.tables import one_time_codes, tokens


def open_identity(url: str, key_file: Path) -> tuple[Database, SecretBox]:
    """A new database and a new key where there are none.

    Raises DatabaseUnusable, and SecretsUnreadable where the database has secrets that the key does
    not open, or where the key is missing.
    """
    database = Database(url, synchronous="FULL")  # the only copy of all this
    migrate(database, "coinport.identity:migrations")
    return database, _open_box(key_file, database.write_now(_some_secret))


def _open_box(key_file: Path, some_secret: tuple[bytes, str] | None) -> SecretBox:
    if key_file.exists():
        box = SecretBox(key_in(key_file))
        if some_secret is not None:
            box.open(*some_secret)
        return box
    if some_secret is not None:
        raise SecretsUnreadable(
            f"{key_file}: missing, and the secrets in the identity database do not open without "
            "it: restore it from a backup"
        )
    return SecretBox(create_key(key_file))


def _some_secret(connection: Connection) -> tuple[bytes, str] | None:
    """A sealed secret and its owner, None if there is no secret yet."""
    token = connection.execute(select(tokens.c.secret, tokens.c.token).limit(1)).first()
    if token is not None:
        return token.secret, api_tokens.owner(token.token)
    seed = connection.execute(select(one_time_codes).limit(1)).first()
    return None if seed is None else (seed.seed, totp.owner(seed.account))
