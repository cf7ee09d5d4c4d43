"""Bech32 and bech32m addresses: witness version and program."""

# bip_utils takes half a second to import, and a start that has no use for it must not wait.
# ruff: noqa: PLC0415


def decode(prefix: str, text: str) -> tuple[int, bytes]:
    """Raises ValueError: not one, or its checksum is not that of its version (BIP 350)."""
    from bip_utils.bech32 import Bech32ChecksumError, SegwitBech32Decoder

    try:
        return SegwitBech32Decoder.Decode(prefix, text)
    except Bech32ChecksumError as error:
        raise ValueError("wrong checksum: look for a slip of the pen") from error
    except IndexError as error:
        raise ValueError("too short") from error


def encode(prefix: str, version: int, program: bytes) -> str:
    from bip_utils.bech32 import SegwitBech32Encoder

    return SegwitBech32Encoder.Encode(prefix, version, program)
