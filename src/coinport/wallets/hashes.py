"""Hashes as the chains use them."""

from hashlib import sha256

from bip_utils.utils.crypto import Hash160, Ripemd160


def sha256d(data: bytes) -> bytes:
    return sha256(sha256(data).digest()).digest()


def hash160(data: bytes) -> bytes:
    """RIPEMD-160 of SHA-256. (OpenSSL may be built without RIPEMD-160, hence not hashlib.)"""
    return Hash160.QuickDigest(data)


def ripemd160(data: bytes) -> bytes:
    return Ripemd160.QuickDigest(data)
