import asyncio
import stat
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from coinport.identity.errors import SecretsUnreadable
from coinport.identity.secret_box import SecretBox, create_key
from coinport.identity.storage import open_identity
from coinport.identity.tables import METADATA
from coinport.identity.tokens import Tokens
from coinport.identity.totp import OneTimeCodes


def reopen(tmp_path: Path, key_file: str = "secret.key") -> SecretBox:
    database, box = open_identity(f"sqlite:///{tmp_path}/identity.db", tmp_path / key_file)
    database.dispose()
    return box


@pytest.fixture(params=["token", "seed"])
def with_secret(request, register, database, box, clock):
    """An identity database that holds one sealed secret."""

    async def scenario():
        ann = await register("ann@example.com")
        if request.param == "token":
            await Tokens(database, box, clock).create(ann.account, "", {"read"}, [], md5=False)
        else:
            await OneTimeCodes(database, box, clock).begin(ann.account)

    asyncio.run(scenario())


def test_no_commit_of_identity_can_be_lost_in_a_power_cut(database):
    """synchronous=NORMAL is forbidden here: this is the only copy of people and keys."""
    connections = [database.engine.connect() for _ in range(8)]
    values = {connection.scalar(text("PRAGMA synchronous")) for connection in connections}
    for connection in connections:
        connection.close()
    assert values == {2}  # FULL


def test_the_migrations_make_the_tables_that_the_code_uses(database):
    def differences(connection):
        options = {
            "compare_type": True,
            "include_name": lambda name, *_: name != "identity_revision",
        }
        return compare_metadata(MigrationContext.configure(connection, opts=options), METADATA)

    assert database.write_now(differences) == []


def test_the_key_is_made_once_for_its_owner_only_and_is_found_again(tmp_path):
    sealed = reopen(tmp_path).seal(b"secret", "me")
    key = tmp_path / "secret.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert len(key.read_bytes()) == 32
    assert reopen(tmp_path).open(sealed, "me") == b"secret"
    assert {path.name for path in tmp_path.iterdir()} == {"identity.db", "secret.key"}


def test_a_key_is_never_written_over(tmp_path):
    key = tmp_path / "secret.key"
    key.write_bytes(b"old")
    with pytest.raises(FileExistsError):
        create_key(key)
    assert key.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [key]


def test_a_missing_key_is_an_error_once_there_are_secrets(with_secret, tmp_path):
    (tmp_path / "secret.key").unlink()
    with pytest.raises(SecretsUnreadable, match=r"secret\.key: missing.*backup"):
        reopen(tmp_path)
    assert not (tmp_path / "secret.key").exists()


def test_a_key_of_another_database_is_an_error(with_secret, tmp_path):
    create_key(tmp_path / "other.key")
    with pytest.raises(SecretsUnreadable, match="same backup"):
        reopen(tmp_path, "other.key")


def test_a_key_that_others_may_read_is_refused(tmp_path):
    reopen(tmp_path)
    (tmp_path / "secret.key").chmod(0o640)
    with pytest.raises(SecretsUnreadable, match="chmod 600"):
        reopen(tmp_path)


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_damaged_key_is_refused(tmp_path, size):
    (tmp_path / "secret.key").write_bytes(bytes(size))
    (tmp_path / "secret.key").chmod(0o600)
    with pytest.raises(SecretsUnreadable, match=f"{size} bytes"):
        reopen(tmp_path)


def test_what_is_sealed_opens_unchanged_for_its_owner_only():
    box = SecretBox(bytes(32))
    sealed = box.seal(b"secret", "me")
    assert box.open(sealed, "me") == b"secret"
    assert box.seal(b"secret", "me") != sealed
    with pytest.raises(SecretsUnreadable):
        box.open(sealed, "you")
    with pytest.raises(SecretsUnreadable):
        SecretBox(bytes(31) + b"1").open(sealed, "me")
    for position in range(len(sealed)):
        flipped = bytearray(sealed)
        flipped[position] ^= 1
        with pytest.raises(SecretsUnreadable):
            box.open(bytes(flipped), "me")
    for length in range(len(sealed)):
        with pytest.raises(SecretsUnreadable):
            box.open(sealed[:length], "me")
