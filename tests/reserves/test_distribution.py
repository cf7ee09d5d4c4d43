"""What the exchange says it holds: who changes anything in it is found out."""

import json
from typing import Any

import msgspec
import pytest

from coinport.reserves.distribution import Distribution, check
from coinport.reserves.errors import ProofWrong
from coinport.wallets import messages
from tests.reserves.tampering import tampered
from tests.reserves.test_standalone import reserves


def proves(currency: str, address: str, message: str, signature: str) -> bool | None:
    if currency not in messages.MAGIC:
        return None
    return messages.verify(currency, address, message, signature)


def checked(document: Any) -> str:
    return check(msgspec.json.decode(json.dumps(document), type=Distribution), proves)


@pytest.mark.parametrize("currency", messages.MAGIC)
def test_what_is_right_passes(currency: str) -> None:
    assert checked(reserves(currency)) == f"10 {currency} held, 9 owed"
    assert checked(reserves(currency) | {"height": 77}).endswith("owed, at height 77")


def test_a_change_anywhere_is_noticed() -> None:
    unproven = ("('timestamp',)", "('stats', 3)")  # what is owed is for the snapshot to prove
    for what, document in tampered(reserves("LTC")):
        if not what.startswith(unproven) or what == "('stats', 3) left out":
            with pytest.raises((ProofWrong, msgspec.ValidationError)):
                checked(document)
                pytest.fail(what)


def test_an_address_counts_once() -> None:
    answer = reserves("LTC")
    answer["distribution"].append(answer["distribution"][0])
    answer["stats"][0] += answer["distribution"][0][1]
    with pytest.raises(ProofWrong, match="twice"):
        checked(answer)


def test_an_address_counts_only_if_it_signed_for_this_exchange() -> None:
    with pytest.raises(ProofWrong, match="signed by it for this exchange"):
        checked(reserves("BTC", message="I own this"))


def test_what_cannot_be_signed_is_added_up_and_said_to_be_unproven() -> None:
    row = ["rrrrrrrrrrrrrrrrrrrrrhoLvTp", "2.5", "hot", "", ""]
    answer = {"currency": "XRP", "stats": ["2.5", "0", "0", "2"], "distribution": [row]}
    assert checked(answer) == "2.5 XRP held, 2 owed; unproven: not signed"
    for wrong in ("2.4", "-2.5", "nan"):
        with pytest.raises((ProofWrong, msgspec.ValidationError)):
            checked(answer | {"stats": [wrong, "0", "0", "2"]})
    unsigned = {**reserves("LTC"), "simulated": True}
    for each in unsigned["distribution"]:
        each[3] = each[4] = ""
    assert checked(unsigned).endswith("unproven: not signed")
