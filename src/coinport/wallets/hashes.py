"""Hashes as the chains use them."""

from hashlib import sha256

from Crypto.Hash import RIPEMD160


def sha256d(data: bytes) -> bytes:
    return sha256(sha256(data).digest()).digest()


def hash160(data: bytes) -> bytes:
    """RIPEMD-160 of SHA-256. (OpenSSL may be built without RIPEMD-160, hence not hashlib.)"""
    return ripemd160(sha256(data).digest())


def ripemd160(data: bytes) -> bytes:
    return RIPEMD160.new(data).digest()
