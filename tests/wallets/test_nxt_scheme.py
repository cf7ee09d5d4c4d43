"""The signer's part of NXT: what it reads by itself, and what it lets its own node sign."""

import asyncio
import struct
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from msgspec.structs import replace

from coinport.model.units import Amount, TimeMs
from coinport.wallets import nxt_accounts, nxt_payments
from coinport.wallets.chain import Payout, Unsigned
from coinport.wallets.derivation import CHANGE, EXTERNAL
from coinport.wallets.nxt_scheme import NxtScheme, public_key_of
from coinport.wallets.own_node import OwnNode
from coinport.wallets.p2pkh import Unsignable
from coinport.wallets.schemes import ACCOUNT_PATH
from coinport.wallets.signer import Memory, Signer
from coinport.wallets.signing import (
    KeyPath,
    Limits,
    Order,
    Refused,
    SignMessage,
    SignWithdrawals,
    TransactionSigned,
)
from tests.contracts.nxt_stage import SECRET_PHRASE, NxtStage

UNSIGNED = (
    "0010394a5a093c007a2e2e8ab3fbd88bebebf75ce613a59fad938696a0ee9ace31f90451a6d91f0f"
    "eb6b62e91f0cf16b80969800000000008096980000000000"
    + "00" * 32
    + "00" * 64
    + "000000003b8d06004d719777bb7a3d5c"
)
SIGNATURE = (
    "ade73ebfc5283e2cacadeb5ea4c3e6a4373462015e3d33f6329e6edaabeacb08"
    "d617f2ccff683961cfc3bd2a9b69ee7090719ed04d4a4857959b3db4d21f1ab0"
)
FULL_HASH = "b4caa34242a5cf6a9182f26cacdc13d3f72f2f585c9893da45d5a5d557a9df41"
"""A payment on a public chain of the same kind, as its documentation shows it."""
LIMITS = Limits(payment_max=Amount(10**10), day_max=Amount(10**10), fee_max=Amount(2 * 10**8))


class Ledger:
    def __init__(self) -> None:
        self.orders: dict[int, Order] = {}

    def order(self, withdrawal: int) -> Order | None:
        return self.orders.get(withdrawal)


@pytest.fixture
def stage() -> NxtStage:
    stage = NxtStage()
    asyncio.run(stage.open())
    return stage


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def signer(stage: NxtStage, ledger: Ledger, tmp_path: Path) -> Signer:
    memory = Memory(tmp_path / "signed")
    return Signer(
        {"NXT": stage.scheme}, {"NXT": LIMITS}, ledger, memory, lambda: TimeMs(10**12), {}
    )


def built(stage: NxtStage, payout: Payout) -> Unsigned:
    return asyncio.run(stage.chain.build([payout], sources=[stage.hot], change=stage.hot))


def refusal(signer: Signer, unsigned: Unsigned, withdrawal: int = 1) -> str:
    answer = signer.answer(SignWithdrawals((withdrawal,), unsigned, (ACCOUNT_PATH,)))
    assert isinstance(answer, Refused), answer
    return answer.reason


def test_a_payment_of_a_public_chain_is_read_and_named_as_there() -> None:
    data = bytes.fromhex(UNSIGNED)
    payment = nxt_payments.decode(data)
    assert payment.sender == 4615614572465333194
    assert payment.recipient == 7778011362644618219
    assert (payment.amount, payment.fee) == (10_000_000, 10_000_000)
    assert (payment.timestamp, payment.deadline) == (156912185, 60)
    assert (payment.ec_height, payment.ec_block) == (429371, 6646603570652606797)
    assert payment.message == ""
    signed = bytes.fromhex(UNSIGNED[:192] + SIGNATURE + UNSIGNED[320:])
    assert nxt_payments.is_signed(signed) and not nxt_payments.is_signed(data)
    assert nxt_payments.unsigned(signed) == data
    assert nxt_payments.name(signed) == nxt_payments.name(data)
    assert nxt_payments.full_hash(signed) == FULL_HASH
    assert int.from_bytes(bytes.fromhex(FULL_HASH)[:8], "little") == 7696551992203922100


def test_the_account_of_a_secret_phrase_is_that_of_the_documentation() -> None:
    key = public_key_of("IWontTellYou")
    assert key.hex().startswith("57fb6f3a958e320bb49c4e81b4c2cf28b9f25d086c143")
    assert nxt_accounts.address(nxt_payments.account_of(key)) == "NXT-L6FM-89WK-VK8P-FCRBB"


def test_a_payment_expires_by_the_clock_of_nxt() -> None:
    payment = nxt_payments.decode(bytes.fromhex(UNSIGNED))
    assert payment.expires == 1385294400 + 156912185 + 3600


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data[:-1],
        lambda data: data + b"\x00",
        lambda data: b"\x01" + data[1:],
        lambda data: data[:1] + b"\x11" + data[2:],
        lambda data: data[:1] + b"\x20" + data[2:],
        lambda data: data[:64] + b"\x01" + data[65:],
        lambda data: data[:48] + struct.pack("<Q", 2**63) + data[56:],
        lambda data: data[:56] + struct.pack("<Q", 10**17 + 1) + data[64:],
        lambda data: data[:160] + b"\x01" + data[161:],
        lambda data: data[:160] + b"\x10" + data[161:],
        lambda data: data[:160] + b"\x01" + data[161:] + b"\x01\x01\x00\x00\x80",
        lambda data: data[:160] + b"\x01" + data[161:] + b"\x01\x02\x00\x00\x80A",
        lambda data: data[:160] + b"\x01" + data[161:] + b"\x01\x01\x00\x00\x00A",
        lambda data: data[:160] + b"\x01" + data[161:] + b"\x02\x01\x00\x00\x80A",
        lambda data: data[:160] + b"\x01" + data[161:] + b"\x01\x01\x00\x00\x80\xff",
        lambda data: data[:160] + b"\x03" + data[161:] + b"\x01\x01\x00\x00\x80A",
        lambda data: data + b"\x01\x01\x00\x00\x80A",
    ],
)
def test_bytes_that_are_more_or_less_than_a_payment_and_a_message_are_not_read(
    change: Callable[[bytes], bytes],
) -> None:
    with pytest.raises(ValueError, match=r"NXT|message|codec"):
        nxt_payments.decode(change(bytes.fromhex(UNSIGNED)))


def test_a_withdrawal_of_the_ledger_is_signed_and_again_the_same(
    signer: Signer, stage: NxtStage, ledger: Ledger
) -> None:
    payout = Payout(stage.outside(), stage.coin, "7")
    ledger.orders[1] = Order("NXT", payout)
    unsigned = built(stage, payout)
    asked = SignWithdrawals((1,), unsigned, (ACCOUNT_PATH,))
    answer = signer.answer(asked)
    assert isinstance(answer, TransactionSigned)
    assert signer.answer(asked) == answer
    assert answer.signed.payouts == (payout,)
    assert nxt_payments.unsigned(bytes.fromhex(answer.signed.blob)).hex() == unsigned.blob


def test_what_the_ledger_does_not_have_is_not_signed(
    signer: Signer, stage: NxtStage, ledger: Ledger
) -> None:
    payout = Payout(stage.outside(), stage.coin, "7")
    ledger.orders[1] = Order("NXT", payout)
    for wrong in (
        replace(payout, address=stage.outside()),
        replace(payout, amount=Amount(payout.amount + 1)),
        replace(payout, memo="8"),
        replace(payout, memo=""),
    ):
        assert "not in the ledger" in refusal(signer, built(stage, wrong))
    assert "not in the ledger" in refusal(signer, built(stage, payout), withdrawal=2)


def test_bytes_that_do_something_else_than_is_said_are_not_signed(
    signer: Signer, stage: NxtStage, ledger: Ledger
) -> None:
    payout = Payout(stage.outside(), stage.coin)
    ledger.orders[1] = Order("NXT", payout)
    said = built(stage, payout)
    data = bytes.fromhex(said.blob)
    for other, why in [
        (replace(said, blob=built(stage, replace(payout, address=stage.outside())).blob), "said"),
        (replace(said, blob=built(stage, replace(payout, memo="8")).blob), "said"),
        (replace(said, inputs=("00" * 32,)), "said"),
        (replace(said, inputs=(*said.inputs, "00" * 32)), "said"),
        (replace(said, expires=None), "expire"),
        (replace(said, blob="zz"), "NXT"),
        (replace(said, blob=said.blob[:-2]), "too short"),
        (replace(said, blob=(data[:96] + bytes([1] * 64) + data[160:]).hex()), "signed already"),
    ]:
        assert why in refusal(signer, other)


def test_a_fee_above_the_limit_is_not_paid(signer: Signer, stage: NxtStage, ledger: Ledger) -> None:
    payout = Payout(stage.outside(), stage.coin)
    ledger.orders[1] = Order("NXT", payout)
    stage.node.fee = LIMITS.fee_max + 1
    assert "fee" in refusal(signer, built(stage, payout))


def test_one_withdrawal_never_has_two_payments_that_could_both_happen(
    signer: Signer, stage: NxtStage, ledger: Ledger
) -> None:
    payout = Payout(stage.outside(), stage.coin)
    ledger.orders[1] = Order("NXT", payout)
    first, second = built(stage, payout), built(stage, payout)
    assert isinstance(
        signer.answer(SignWithdrawals((1,), first, (ACCOUNT_PATH,))), TransactionSigned
    )
    assert "could still happen" in refusal(signer, second)


def test_another_account_is_not_ours_to_spend_from(stage: NxtStage) -> None:
    unsigned = built(stage, Payout(stage.outside(), stage.coin))
    other = NxtScheme("another secret", stage.own_node)
    with pytest.raises(Unsignable, match="not ours"):
        other.sign(unsigned, [ACCOUNT_PATH])


def test_there_is_one_account_and_it_signs_no_messages(signer: Signer, stage: NxtStage) -> None:
    for path in (KeyPath(EXTERNAL, 0), KeyPath(CHANGE, 1)):
        with pytest.raises(Unsignable, match="one account"):
            stage.scheme.address(path)
    assert isinstance(signer.answer(SignMessage("NXT", ACCOUNT_PATH, "coinport")), Refused)


def test_a_signing_node_that_signs_something_else_is_not_believed(
    signer: Signer, stage: NxtStage, ledger: Ledger
) -> None:
    payout = Payout(stage.outside(), stage.coin)
    ledger.orders[1] = Order("NXT", payout)
    stage.signing_node.changes = b"\x01"
    unsigned = built(stage, payout)
    assert "signed something else" in refusal(signer, unsigned)


def test_a_signing_node_that_gives_back_what_it_got_has_not_signed(stage: NxtStage) -> None:
    unsigned = built(stage, Payout(stage.outside(), stage.coin))
    answer = {"transactionBytes": unsigned.blob}
    node = httpx.MockTransport(lambda request: httpx.Response(200, json=answer))
    scheme = NxtScheme(SECRET_PHRASE, OwnNode("http://localhost:1", name="NXT", transport=node))
    with pytest.raises(Unsignable, match="signed something else"):
        scheme.sign(unsigned, [ACCOUNT_PATH])


@pytest.mark.parametrize(
    "answer",
    [
        {"errorCode": 4, "errorDescription": "Incorrect"},
        {"transactionBytes": UNSIGNED},
        {"transactionBytes": "zz"},
        {"transactionBytes": ""},
        [],
    ],
)
def test_a_signing_node_that_does_not_sign_is_no_reason_to_fail_but_to_ask_again(
    stage: NxtStage, answer: object
) -> None:
    unsigned = built(stage, Payout(stage.outside(), stage.coin))
    node = httpx.MockTransport(lambda request: httpx.Response(200, json=answer))
    scheme = NxtScheme(SECRET_PHRASE, OwnNode("http://localhost:1", name="NXT", transport=node))
    with pytest.raises(Unsignable, match="own NXT node"):
        scheme.sign(unsigned, [ACCOUNT_PATH])


def test_no_message_shows_the_secret_phrase(stage: NxtStage) -> None:
    unsigned = built(stage, Payout(stage.outside(), stage.coin))

    def echo(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout(request.content.decode(), request=request)

    for node in (
        httpx.MockTransport(echo),
        httpx.MockTransport(lambda request: httpx.Response(200, content=request.content)),
        httpx.MockTransport(lambda request: httpx.Response(200, json=[request.content.decode()])),
    ):
        own = OwnNode("http://127.0.0.1:1", name="NXT", transport=node)
        with pytest.raises(Unsignable) as caught:
            NxtScheme("sesame", own).sign(
                replace(unsigned, blob=_from("sesame", unsigned)), [ACCOUNT_PATH]
            )
        assert "sesame" not in str(caught.value)
        assert caught.value.__suppress_context__


def _from(secret_phrase: str, unsigned: Unsigned) -> str:
    data = bytes.fromhex(unsigned.blob)
    return (data[:8] + public_key_of(secret_phrase) + data[40:]).hex()


@pytest.mark.parametrize("host", ["10.0.0.1", "nxt.example.org", "[2001:db8::1]", "0.0.0.0"])
def test_a_node_on_another_machine_never_sees_the_secret(host: str) -> None:
    with pytest.raises(ValueError, match="loopback"):
        OwnNode(f"http://{host}:7876", name="NXT")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.5.5.5", "[::1]", "localhost"])
def test_a_node_on_this_machine_may(host: str) -> None:
    OwnNode(f"http://{host}:7876", name="NXT")
