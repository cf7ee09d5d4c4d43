"""Secrets at rest: AES-256-GCM under a key file that stands outside the database."""

import hmac
import os
import secrets
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from coinport.identity.errors import SecretsUnreadable

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12


class SecretBox:
    def __init__(self, key: bytes) -> None:
        self._key = key
        self._cipher = AESGCM(key)

    def derived(self, purpose: str) -> bytes:
        """32 secret bytes of another purpose: the same whenever the key is."""
        return hmac.digest(self._key, b"coinport: " + purpose.encode(), "sha256")

    def seal(self, secret: bytes, owner: str) -> bytes:
        """Only who names the same `owner` can open it: sealed secrets cannot be swapped."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, secret, owner.encode())

    def open(self, sealed: bytes, owner: str) -> bytes:
        """Raises SecretsUnreadable."""
        nonce, encrypted = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        try:
            return self._cipher.decrypt(nonce, encrypted, owner.encode())
        except (InvalidTag, ValueError):
            raise SecretsUnreadable(
                "a secret in the identity database does not open with this key file: "
                "restore both from the same backup"
            ) from None


def key_in(path: Path) -> bytes:
    """The key that `path` holds. Raises SecretsUnreadable."""
    if path.stat().st_mode & 0o077:
        raise SecretsUnreadable(f"{path}: others may read this key: chmod 600 {path}")
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise SecretsUnreadable(
            f"{path}: {len(key)} bytes are not a key of {KEY_BYTES}: restore it from a backup"
        )
    return key


def create_key(path: Path) -> bytes:
    """A new key, on the disk before anything is sealed with it.

    Raises FileExistsError: a key is never written over.
    """
    key = secrets.token_bytes(KEY_BYTES)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(file, key)
        os.fsync(file)
        path.hardlink_to(draft)
    finally:
        os.close(file)
        draft.unlink()
    directory = os.open(path.parent, os.O_RDONLY)
    os.fsync(directory)
    os.close(directory)
    return key
