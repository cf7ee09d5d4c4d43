"""Messages signed with the keys of addresses, checked offline."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from coincurve import PrivateKey

from coinport.wallets.addresses import p2pkh
from coinport.wallets.messages import MAGIC, sign, verify
from coinport.wallets.networks import Network

VECTORS = json.loads((Path(__file__).parent / "signed_messages.json").read_text())
CASES: list[dict[str, Any]] = VECTORS["cases"]
KEY = PrivateKey(bytes(31) + b"\x07")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["address"])
def test_signatures_that_exchanges_once_published_verify(case: dict[str, Any]) -> None:
    assert MAGIC[case["coin"]].decode() == case["magic"]
    assert verify(case["coin"], case["address"], "coinport", case["signature"])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["address"])
def test_another_message_another_magic_and_another_address_are_refused(
    case: dict[str, Any],
) -> None:
    coin, address, signature = case["coin"], case["address"], case["signature"]
    assert not verify(coin, address, "Coinport", signature)
    assert not verify(coin, p2pkh(coin, KEY.public_key.format()), "coinport", signature)
    for other in MAGIC:
        if other != coin:
            assert not verify(other, address, "coinport", signature)
            own = sign(other, KEY, "coinport")
            assert not verify(coin, p2pkh(coin, KEY.public_key.format()), "coinport", own)


def test_every_flipped_bit_of_a_signature_is_noticed() -> None:
    case = CASES[2]
    signature = base64.b64decode(case["signature"])
    for bit in range(8 * len(signature)):
        flipped = bytearray(signature)
        flipped[bit // 8] ^= 1 << bit % 8
        text = base64.b64encode(flipped).decode()
        assert not verify(case["coin"], case["address"], "coinport", text)


@pytest.mark.parametrize("signature", ["", "AAAA", "not base64", "é", "A" * 88, "A" * 87 + "="])
def test_what_is_no_signature_verifies_nothing(signature: str) -> None:
    assert not verify("BTC", CASES[0]["address"], "coinport", signature)


@pytest.mark.parametrize("currency", MAGIC)
@pytest.mark.parametrize("message", ["", "coinport", "价值" * 200, "x" * 70_000])
def test_what_we_sign_verifies(currency: str, message: str) -> None:
    address = p2pkh(currency, KEY.public_key.format())
    assert verify(currency, address, message, sign(currency, KEY, message))


def test_a_segwit_address_cannot_sign() -> None:
    signature = sign("BTC", KEY, "coinport")
    assert not verify("BTC", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "coinport", signature)


def test_a_signature_of_litecoin_core_verifies_on_its_network_only() -> None:
    address = "mt18cMwoeBpSv7Vb4zVxKdeWdDCmMhk1nZ"
    signature = (
        "H1XQo8sA6pkbS3GF1FPlE1V7kkna5EdNz5FIC8yFFytKMTp9/WftCSPJMFZb2ZuW9FRQ7H4g6WVjYADZcI6enuM="
    )
    assert verify("LTC", address, "coinport", signature, Network.REGTEST)
    assert not verify("LTC", address, "coinport", signature)
